/* Two passes in one call: the first hits by score, and the best of them in a new order. */

#include <math.h>
#include <stdlib.h>

#include "_calls.h"
#include "_typed.h"

/* What the second pass is asked, beside what the first one is. */
typedef struct {
    Search *search;
    Rescoring asked;
    const float **fresh; /* what each document of a segment gains, or NULL */
    int64_t first;       /* so many of the first hits are ordered anew */
    int64_t shown;       /* so many hits are given */
    int64_t ordered;     /* and so many there are */
    Entry edge;          /* the last of them in the first order */
} Second;

static int read_words(Call *call, PyObject *object, PyObject *words, Rescoring *asked) {
    if (!tuple_of(words)) return -1;
    asked->word_count = PyTuple_Size(words);
    if (asked->word_count > MOST_NODES) return wrong("there are too many words");
    asked->words = room_for(&call->holder, asked->word_count, sizeof(Typed *));
    for (int64_t i = 0; asked->words && i < asked->word_count; i++) {
        TypedObject *typed = (TypedObject *)PyTuple_GetItem(words, i);
        if (Py_TYPE((PyObject *)typed) != call->typed || (PyObject *)typed->owner != object) {
            PyErr_SetString(PyExc_TypeError, "a word is typed for the segments that are searched");
            return -1;
        }
        asked->words[i] = &typed->typed;
    }
    return asked->words ? 0 : -1;
}

/* (weight of the best window, tokens of a lead, of a window, of the gap after a title) */
static int read_measures(PyObject *tuple, Rescoring *asked) {
    int64_t *measures[] = {&asked->lead, &asked->window, &asked->gap};
    if (!tuple_of(tuple)) return -1;
    if (PyTuple_Size(tuple) != 4) return wrong("there are four measures");
    for (int i = 0; i < 3; i++) {
        *measures[i] = PyLong_AsLong(PyTuple_GetItem(tuple, i + 1));
        if (*measures[i] == -1 && PyErr_Occurred()) return -1;
        if (*measures[i] < 0 || *measures[i] > INT32_MAX) return wrong("a measure is a number of tokens");
    }
    double close = PyFloat_AsDouble(PyTuple_GetItem(tuple, 0));
    return close == -1 && PyErr_Occurred() ? -1 : read_weight(close, &asked->close);
}

/* (gains of a segment's documents, …) or None */
static int read_fresh(Call *call, PyObject *fresh, Second *second) {
    if (fresh == Py_None) return 0;
    if (!one_each(call, fresh)) return -1;
    second->fresh = room_for(&call->holder, call->owner_count, sizeof(float *));
    for (int64_t i = 0; second->fresh && i < call->owner_count; i++)
        if (hold_exactly(&call->holder, PyTuple_GetItem(fresh, i), 4, &second->fresh[i],
                         call->owners[i]->segment.size, 0) < 0)
            return -1;
    return second->fresh ? 0 : -1;
}

#define FEW 128 /* hits that are put in their places by counting: it takes no branches */

/* Order a few hits by document: before each come as many as are below it. */
static void count_in(const Entry *kept, int64_t count, Rescored *rows) {
    int32_t docs[FEW];
    for (int64_t i = 0; i < count; i++) docs[i] = kept[i].doc;
    for (int64_t i = 0; i < count; i++) {
        int32_t doc = docs[i], below = 0;
        for (int64_t j = 0; j < count; j++) below += docs[j] < doc;
        rows[below] = (Rescored){doc, kept[i].score, 0};
    }
}

/* Order rows by document: Shell's sort. */
static void by_document(Rescored *rows, int64_t count) {
    for (int64_t gap = count / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11)
        for (int64_t i = gap; i < count; i++) {
            Rescored row = rows[i];
            int64_t j = i;
            for (; j >= gap && rows[j - gap].doc > row.doc; j -= gap) rows[j] = rows[j - gap];
            rows[j] = row;
        }
}

static void lay_rows(const Entry *kept, int64_t count, Rescored *rows) {
    if (count <= FEW) {
        count_in(kept, count, rows);
        return;
    }
    for (int64_t i = 0; i < count; i++) rows[i] = (Rescored){kept[i].doc, kept[i].score, 0};
    by_document(rows, count);
}

/* Rescore the documents of one segment: rows from one place to another, by number. */
static int rescore_segment(Second *second, Rescored *rows, int64_t count, int64_t before) {
    Rescoring *asked = &second->asked;
    const float *fresh = second->fresh ? second->fresh[asked->number] : NULL;
    asked->rows = rows;
    asked->row_count = count;
    if (!asked->segment->rising) asked->best = NULL;
    int status = FINE;
    for (int64_t i = 0; i < count; i++) {
        rows[i].doc -= (int32_t)before;
        if (!fresh) continue;
        float gain = fresh[rows[i].doc];
        if (!(gain >= 0) || isinf(gain)) status = DAMAGED;
        rows[i].fresh = gain;
    }
    if (!status) status = rescore(asked);
    for (int64_t i = 0; i < count; i++) rows[i].doc += (int32_t)before;
    return status;
}

static int rescore_rows(Second *second, Rescored *rows) {
    const Search *search = second->search;
    int64_t from = 0, before = 0;
    int status = FINE;
    for (int64_t number = 0; number < search->segment_count && !status; number++) {
        const Segment *segment = search->segments[number];
        int64_t last = before + segment->size, to = from;
        while (to < second->ordered && rows[to].doc < last) to++;
        second->asked.segment = segment;
        second->asked.number = number;
        if (to > from) status = rescore_segment(second, rows + from, to - from, before);
        from = to;
        before = last;
    }
    return status;
}

/* Keep the rows in their new order, but for those that cannot be shown. */
static void keep_rows(const Second *second, const Rescored *rows, int64_t count) {
    const Rescoring *asked = &second->asked;
    Search *search = second->search;
    Entry *kept = search->space->kept;
    int bounded = asked->best && asked->best_count == asked->shown;
    double least = bounded ? asked->best[asked->shown - 1] : -INFINITY;
    int64_t some = 0;
    for (int64_t i = 0; i < count; i++) {
        double total = (double)rows[i].score + (double)rows[i].fresh;
        kept[some] = (Entry){-total, rows[i].doc, -1, (float)total};
        some += !(total < least);
    }
    if (some < count) search->kept_count = some;
    first_entries(kept, some, second->shown);
}

/* Order the best hits anew. */
static int order_anew(Second *second) {
    Search *search = second->search;
    Entry *kept = search->space->kept;
    int64_t count = search->kept_count < second->first ? search->kept_count : second->first;
    if (!count) return FINE;
    second->ordered = count;
    second->edge = *last_of(kept, count);
    double *best = malloc((size_t)count * (sizeof(double) + sizeof(Rescored)));
    if (!best) return NO_MEMORY;
    Rescored *rows = (Rescored *)(void *)(best + count);
    second->asked.shown = second->shown;
    if (second->shown && second->shown < count) second->asked.best = best;
    lay_rows(kept, count, rows);
    int status = rescore_rows(second, rows);
    if (!status) keep_rows(second, rows, count);
    free(best);
    return status;
}

static int run_twice(Call *call, Second *second) {
    int status;
    Py_BEGIN_ALLOW_THREADS
    status = run(&call->search);
    /* The others come after those that are ordered anew, as they are. */
    if (!status && call->search.kept_count > second->first) sort_kept(&call->search);
    if (!status) status = order_anew(second);
    Py_END_ALLOW_THREADS
    if (status) complain(status);
    return status ? -1 : 0;
}

/* Read how many hits are ordered anew, and how many are shown. */
static int read_sizes(Search *search, PyObject *const *given, Second *second) {
    second->first = PyLong_AsSsize_t(given[1]);
    second->shown = PyLong_AsSsize_t(given[2]);
    search->clock.deadline = PyFloat_AsDouble(given[7]);
    if (PyErr_Occurred()) return -1;
    if (second->first < 0 || second->shown < 0) return wrong("there is no such number of hits");
    search->wanted = second->first > second->shown ? second->first : second->shown;
    return 0;
}

/* (key, number) of the last hit in the first order, or None. */
static PyObject *edge_of(const Second *second) {
    if (!second->ordered) return Py_NewRef(Py_None);
    PyObject *key = PyFloat_FromDouble(second->edge.key), *doc = PyLong_FromLong(second->edge.doc);
    PyObject *edge = key && doc ? PyTuple_Pack(2, key, doc) : NULL;
    Py_XDECREF(key);
    Py_XDECREF(doc);
    return edge;
}

/* Give what `search` gives, and the place where the hits that were ordered anew end, or None. */
static PyObject *answered_twice(Call *call, const Second *second) {
    if (call->search.kept_count > second->shown) call->search.kept_count = second->shown;
    PyObject *parts[] = {PyLong_FromLongLong(call->search.total), listed(&call->search),
                         counted_facets(call), edge_of(second)};
    PyObject *answer = NULL;
    if (parts[0] && parts[1] && parts[2] && parts[3])
        answer = PyTuple_Pack(4, parts[0], parts[1], parts[2], parts[3]);
    for (int i = 0; i < 4; i++) Py_XDECREF(parts[i]);
    return answer;
}

PyObject *search_twice(PyObject *object, PyObject *const *given, Py_ssize_t count) {
    Call call;
    Second second = {0};
    PyObject *result = NULL;
    if (count != 8 || !PyTuple_Check(given[3])) {
        PyErr_SetString(PyExc_TypeError, "two passes take eight arguments, facets as a tuple");
        return NULL;
    }
    if (begin_search(&call, object) < 0) return NULL;
    second.search = second.asked.search = &call.search;
    if (!read_sizes(&call.search, given, &second) && !read_program(&call, given[0]) &&
        !read_facets(&call, given[3]) && !read_words(&call, object, given[4], &second.asked) &&
        !read_measures(given[5], &second.asked) && !read_fresh(&call, given[6], &second) &&
        !run_twice(&call, &second))
        result = answered_twice(&call, &second);
    end_call(&call);
    return result ? result : refuse();
}
