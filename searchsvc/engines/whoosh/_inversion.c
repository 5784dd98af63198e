/* Inversion: from the terms of texts to posting lists, in time linear in them.
 *
 * Terms come in runs, each in one document at positions one after another. Each has a number for
 * which there are any number of terms (a form, its lemmas). They are counted, then dealt out in the
 * order they come, then collected term by term; a term whose occurrences did not come in order is
 * sorted. What the arrays mean is said in `inversion.py`, which does the same without this file and
 * which the tests hold it against. The interpreter's lock is released meanwhile. Every number is
 * checked before it is used: a wrong one is a ValueError.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FINE, WRONG, NO_MEMORY };
enum { MOST = 10 }; /* arrays that a function takes */

/* ---- arguments ---------------------------------------------------------------------------- */

typedef struct {
    Py_buffer held[MOST];
    int count;
} Arrays;

static Py_ssize_t items(const Arrays *arrays, int which, Py_ssize_t width) {
    return arrays->held[which].len / width;
}

static void let_go(Arrays *arrays) {
    while (arrays->count) PyBuffer_Release(&arrays->held[--arrays->count]);
}

/* Hold the arrays of a tuple, those from `written` on to write to; -1 with an exception set. */
static int hold(Arrays *arrays, PyObject *tuple, const int *widths, int written, int count) {
    arrays->count = 0;
    if (PyTuple_Size(tuple) != count) {
        PyErr_Format(PyExc_TypeError, "%d arrays are required", count);
        return -1;
    }
    while (arrays->count < count) {
        int which = arrays->count, flags = which < written ? PyBUF_SIMPLE : PyBUF_WRITABLE;
        if (PyObject_GetBuffer(PyTuple_GetItem(tuple, which), &arrays->held[which], flags) < 0)
            break;
        arrays->count++;
        Py_buffer *view = &arrays->held[which];
        if (view->len % widths[which] == 0 && (uintptr_t)view->buf % (size_t)widths[which] == 0)
            continue;
        PyErr_SetString(PyExc_ValueError, "arrays do not fit together");
        break;
    }
    if (arrays->count == count && !PyErr_Occurred()) return 0;
    let_go(arrays);
    return -1;
}

static PyObject *misfit(Arrays *arrays) {
    let_go(arrays);
    PyErr_SetString(PyExc_ValueError, "arrays do not fit together");
    return NULL;
}

static int raised(int failed) {
    if (failed == NO_MEMORY) PyErr_NoMemory();
    else if (failed) PyErr_SetString(PyExc_ValueError, "a number is out of range");
    return failed;
}

/* ---- counting ----------------------------------------------------------------------------- */

typedef struct {
    const int32_t *numbers, *begins, *targets;
    Py_ssize_t count, sources, places, terms;
} Given;

/* Check the targets of every source: places in `targets`, and terms there. */
static int check_targets(const Given *given) {
    for (Py_ssize_t i = 0; i < given->sources; i++)
        if (given->begins[i] < 0 || given->begins[i + 1] < given->begins[i] ||
            given->begins[i + 1] > given->places)
            return WRONG;
    for (Py_ssize_t i = 0; i < given->places; i++)
        if (given->targets[i] < 0 || given->targets[i] >= given->terms) return WRONG;
    return FINE;
}

/* Find where the occurrences of each term begin when they stand end to end. */
static int count_all(const Given *given, int64_t *starts) {
    int64_t *times = calloc((size_t)given->sources + 1, sizeof *times);
    if (!times) return NO_MEMORY;
    int failed = check_targets(given);
    for (Py_ssize_t i = 0; !failed && i < given->count; i++) {
        if (given->numbers[i] < 0 || given->numbers[i] >= given->sources) failed = WRONG;
        else times[given->numbers[i]]++;
    }
    memset(starts, 0, (size_t)(given->terms + 1) * sizeof *starts);
    for (Py_ssize_t i = 0; !failed && i < given->sources; i++)
        for (int32_t j = given->begins[i]; j < given->begins[i + 1]; j++)
            starts[given->targets[j] + 1] += times[i];
    for (Py_ssize_t term = 0; !failed && term < given->terms; term++)
        starts[term + 1] += starts[term];
    free(times);
    return failed;
}

/* count(numbers, begins, targets, starts) -> how many occurrences there are */
static PyObject *count(PyObject *module, PyObject *arguments) {
    static const int widths[] = {4, 4, 4, 8};
    Arrays arrays;
    (void)module;
    if (hold(&arrays, arguments, widths, 3, 4) < 0) return NULL;
    Given given = {arrays.held[0].buf, arrays.held[1].buf, arrays.held[2].buf, items(&arrays, 0, 4),
                   items(&arrays, 1, 4) - 1, items(&arrays, 2, 4), items(&arrays, 3, 8) - 1};
    int64_t *starts = arrays.held[3].buf;
    if (given.sources < 0 || given.terms < 0) return misfit(&arrays);
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = count_all(&given, starts);
    Py_END_ALLOW_THREADS
    PyObject *result = raised(failed) ? NULL : PyLong_FromLongLong(starts[given.terms]);
    let_go(&arrays);
    return result;
}

/* ---- dealing ------------------------------------------------------------------------------ */

typedef struct {
    const int32_t *docs, *starts, *sizes;
    Py_ssize_t count;
} Runs;

/* Deal a run's numbers out to their terms: `next` is where each term's next occurrence goes. */
static int deal_run(const Given *given, const int32_t *numbers, int32_t size, uint64_t place,
                    const int64_t *starts, int64_t *next, uint64_t *dealt) {
    for (int32_t i = 0; i < size; i++, place++) {
        if (numbers[i] < 0 || numbers[i] >= given->sources) return WRONG;
        for (int32_t j = given->begins[numbers[i]]; j < given->begins[numbers[i] + 1]; j++) {
            int32_t term = given->targets[j];
            if (next[term] >= starts[term + 1]) return WRONG;
            dealt[next[term]++] = place;
        }
    }
    return FINE;
}

static int deal_all(const Given *given, const Runs *runs, Py_ssize_t documents,
                    const int64_t *starts, uint64_t *dealt, Py_ssize_t room) {
    size_t size = (size_t)(given->terms + 1) * sizeof *starts;
    int64_t *next = malloc(size);
    if (!next) return NO_MEMORY;
    int failed = check_targets(given) || starts[0] != 0 || starts[given->terms] != room;
    for (Py_ssize_t term = 0; !failed && term < given->terms; term++)
        failed = starts[term + 1] < starts[term];
    memcpy(next, starts, size);
    Py_ssize_t first = 0;
    for (Py_ssize_t run = 0; !failed && run < runs->count; run++) {
        int32_t doc = runs->docs[run], start = runs->starts[run], length = runs->sizes[run];
        if (doc < 0 || doc >= documents || start < 0 || length < 0 || start > INT32_MAX - length ||
            length > given->count - first)
            failed = WRONG;
        else
            failed = deal_run(given, given->numbers + first, length,
                              (uint64_t)doc << 32 | (uint32_t)start, starts, next, dealt);
        first += length;
    }
    for (Py_ssize_t term = 0; !failed && term < given->terms; term++)
        failed = next[term] != starts[term + 1];
    free(next);
    return failed;
}

/* deal(numbers, docs, starts, sizes, begins, targets, titles, starts, dealt) */
static PyObject *deal(PyObject *module, PyObject *arguments) {
    static const int widths[] = {4, 4, 4, 4, 4, 4, 4, 8, 8};
    Arrays arrays;
    (void)module;
    if (hold(&arrays, arguments, widths, 8, 9) < 0) return NULL;
    Given given = {arrays.held[0].buf, arrays.held[4].buf, arrays.held[5].buf, items(&arrays, 0, 4),
                   items(&arrays, 4, 4) - 1, items(&arrays, 5, 4), items(&arrays, 7, 8) - 1};
    Runs runs = {arrays.held[1].buf, arrays.held[2].buf, arrays.held[3].buf, items(&arrays, 1, 4)};
    if (given.sources < 0 || given.terms < 0 || items(&arrays, 2, 4) != runs.count ||
        items(&arrays, 3, 4) != runs.count)
        return misfit(&arrays);
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = deal_all(&given, &runs, items(&arrays, 6, 4), arrays.held[7].buf, arrays.held[8].buf,
                      items(&arrays, 8, 8));
    Py_END_ALLOW_THREADS
    let_go(&arrays);
    return raised(failed) ? NULL : Py_NewRef(Py_None);
}

/* ---- collecting --------------------------------------------------------------------------- */

typedef struct {
    uint64_t *dealt; /* document << 32 | position, by term */
    const int64_t *starts;
    const int32_t *titles;
    int32_t *counts, *docs, *tf, *title_tf;
    uint32_t *positions;
    Py_ssize_t room, documents, postings, places;
} Collected;

static int compare(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Write the postings of one term; a place that it has twice is written once. */
static int collect_term(Collected *collected, uint64_t *own, int64_t count) {
    for (int64_t i = 1; i < count; i++)
        if (own[i] < own[i - 1]) {
            qsort(own, (size_t)count, sizeof *own, compare);
            break;
        }
    for (int64_t i = 0; i < count;) {
        uint32_t doc = (uint32_t)(own[i] >> 32);
        int32_t tf = 0, title_tf = 0;
        if ((Py_ssize_t)doc >= collected->documents) return WRONG;
        for (; i < count && (uint32_t)(own[i] >> 32) == doc; i++) {
            if (i && own[i] == own[i - 1]) continue;
            uint32_t position = (uint32_t)own[i];
            collected->positions[collected->places++] = position;
            title_tf += (int64_t)position < collected->titles[doc];
            tf++;
        }
        collected->docs[collected->postings] = (int32_t)doc;
        collected->tf[collected->postings] = tf;
        collected->title_tf[collected->postings++] = title_tf;
    }
    return FINE;
}

static int collect_all(Collected *collected, Py_ssize_t first, Py_ssize_t last, Py_ssize_t all) {
    const int64_t *starts = collected->starts;
    if (starts[first] < 0 || starts[last] > all || starts[last] - starts[first] > collected->room)
        return WRONG;
    for (Py_ssize_t term = first; term < last; term++) {
        Py_ssize_t before = collected->postings;
        if (starts[term + 1] < starts[term] || starts[term + 1] > starts[last] ||
            collect_term(collected, collected->dealt + starts[term],
                         starts[term + 1] - starts[term]))
            return WRONG;
        collected->counts[term - first] = (int32_t)(collected->postings - before);
    }
    return FINE;
}

/* collect(first, last, (starts, titles, dealt, counts, docs, tf, title_tf, positions))
 * -> how many postings and positions the terms of the range have */
static PyObject *collect(PyObject *module, PyObject *arguments) {
    enum { STARTS, TITLES, DEALT, COUNTS, DOCS, TF, TITLE_TF, POSITIONS, ARRAYS };
    static const int widths[ARRAYS] = {8, 4, 8, 4, 4, 4, 4, 4};
    Py_ssize_t first, last;
    PyObject *tuple;
    Arrays arrays;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "nnO!", &first, &last, &PyTuple_Type, &tuple) ||
        hold(&arrays, tuple, widths, DEALT, ARRAYS) < 0)
        return NULL;
    Collected collected = {
        arrays.held[DEALT].buf, arrays.held[STARTS].buf, arrays.held[TITLES].buf,
        arrays.held[COUNTS].buf, arrays.held[DOCS].buf, arrays.held[TF].buf,
        arrays.held[TITLE_TF].buf, arrays.held[POSITIONS].buf, items(&arrays, DOCS, 4),
        items(&arrays, TITLES, 4), 0, 0};
    if (first < 0 || last < first || last >= items(&arrays, STARTS, 8) ||
        last - first > items(&arrays, COUNTS, 4) || items(&arrays, TF, 4) != collected.room ||
        items(&arrays, TITLE_TF, 4) != collected.room ||
        items(&arrays, POSITIONS, 4) != collected.room)
        return misfit(&arrays);
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = collect_all(&collected, first, last, items(&arrays, DEALT, 8));
    Py_END_ALLOW_THREADS
    let_go(&arrays);
    return raised(failed) ? NULL : Py_BuildValue("nn", collected.postings, collected.places);
}

static PyMethodDef methods[] = {
    {"count", count, METH_VARARGS, "Find where the occurrences of each term begin."},
    {"deal", deal, METH_VARARGS, "Deal occurrences out to their terms."},
    {"collect", collect, METH_VARARGS, "Make the posting lists of a range of terms."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_inversion", NULL, 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__inversion(void) { return PyModule_Create(&definition); }
