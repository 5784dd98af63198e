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

/* Occurrences by term: document << bits | position, in 64 bits where `bits` is 32, else in 32. */
typedef struct {
    void *places;
    Py_ssize_t count;
    int bits;
} Dealt;

enum { WIDE = 32 };

static int width_of(int bits) { return bits == WIDE ? 8 : 4; }

/* Tell how many documents there may be. */
static int64_t most_documents(int bits) { return (int64_t)1 << (bits == WIDE ? 31 : WIDE - bits); }

typedef struct {
    const int32_t *docs, *starts, *sizes;
    Py_ssize_t count;
} Runs;

/* Deal a run's numbers out to their terms: `next` is where each term's next occurrence goes. */
static int deal_run(const Given *given, const int32_t *numbers, int32_t size, uint64_t place,
                    const int64_t *starts, int64_t *next, const Dealt *dealt) {
    for (int32_t i = 0; i < size; i++, place++) {
        if (numbers[i] < 0 || numbers[i] >= given->sources) return WRONG;
        for (int32_t j = given->begins[numbers[i]]; j < given->begins[numbers[i] + 1]; j++) {
            int32_t term = given->targets[j];
            if (next[term] >= starts[term + 1]) return WRONG;
            if (dealt->bits == WIDE) ((uint64_t *)dealt->places)[next[term]++] = place;
            else ((uint32_t *)dealt->places)[next[term]++] = (uint32_t)place;
        }
    }
    return FINE;
}

static int deal_all(const Given *given, const Runs *runs, Py_ssize_t documents,
                    const int64_t *starts, const Dealt *dealt) {
    size_t size = (size_t)(given->terms + 1) * sizeof *starts;
    int64_t *next = malloc(size);
    if (!next) return NO_MEMORY;
    int64_t end = dealt->bits == WIDE ? INT32_MAX : (int64_t)1 << dealt->bits;
    int failed = check_targets(given) || starts[0] != 0 || starts[given->terms] != dealt->count ||
                 documents > most_documents(dealt->bits);
    for (Py_ssize_t term = 0; !failed && term < given->terms; term++)
        failed = starts[term + 1] < starts[term];
    memcpy(next, starts, size);
    Py_ssize_t first = 0;
    for (Py_ssize_t run = 0; !failed && run < runs->count; run++) {
        int32_t doc = runs->docs[run], start = runs->starts[run], length = runs->sizes[run];
        if (doc < 0 || doc >= documents || start < 0 || length < 0 || start > end - length ||
            length > given->count - first)
            failed = WRONG;
        else
            failed = deal_run(given, given->numbers + first, length,
                              (uint64_t)doc << dealt->bits | (uint32_t)start, starts, next, dealt);
        first += length;
    }
    for (Py_ssize_t term = 0; !failed && term < given->terms; term++)
        failed = next[term] != starts[term + 1];
    free(next);
    return failed;
}

/* Read the bits of positions and the arrays; 0 with an exception set. */
static int read_bits(PyObject *arguments, int *bits, PyObject **arrays) {
    if (!PyArg_ParseTuple(arguments, "iO!", bits, &PyTuple_Type, arrays)) return 0;
    if (*bits >= 1 && *bits <= WIDE) return 1;
    PyErr_SetString(PyExc_ValueError, "positions have 1 to 32 bits");
    return 0;
}

/* deal(bits, (numbers, docs, starts, sizes, begins, targets, titles, starts, dealt)) */
static PyObject *deal(PyObject *module, PyObject *arguments) {
    int bits;
    PyObject *tuple;
    Arrays arrays;
    (void)module;
    if (!read_bits(arguments, &bits, &tuple)) return NULL;
    const int widths[] = {4, 4, 4, 4, 4, 4, 4, 8, width_of(bits)};
    if (hold(&arrays, tuple, widths, 8, 9) < 0) return NULL;
    Given given = {arrays.held[0].buf, arrays.held[4].buf, arrays.held[5].buf, items(&arrays, 0, 4),
                   items(&arrays, 4, 4) - 1, items(&arrays, 5, 4), items(&arrays, 7, 8) - 1};
    Runs runs = {arrays.held[1].buf, arrays.held[2].buf, arrays.held[3].buf, items(&arrays, 1, 4)};
    if (given.sources < 0 || given.terms < 0 || items(&arrays, 2, 4) != runs.count ||
        items(&arrays, 3, 4) != runs.count)
        return misfit(&arrays);
    Dealt dealt = {arrays.held[8].buf, items(&arrays, 8, width_of(bits)), bits};
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = deal_all(&given, &runs, items(&arrays, 6, 4), arrays.held[7].buf, &dealt);
    Py_END_ALLOW_THREADS
    let_go(&arrays);
    return raised(failed) ? NULL : Py_NewRef(Py_None);
}

/* ---- collecting --------------------------------------------------------------------------- */

typedef struct {
    Dealt dealt;
    const int64_t *starts;
    const int32_t *titles;
    int32_t *counts, *docs, *tf, *title_tf;
    uint32_t *positions;
    Py_ssize_t room, documents, postings, places;
} Collected;

static int compare_wide(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static int compare(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static inline uint64_t place_at(const void *own, int wide, int64_t i) {
    return wide ? ((const uint64_t *)own)[i] : ((const uint32_t *)own)[i];
}

/* Write the postings of one term; a place that it has twice is written once. */
static inline int collect_term(Collected *collected, void *own, int64_t count, int wide) {
    int bits = collected->dealt.bits;
    uint64_t mask = ((uint64_t)1 << bits) - 1;
    for (int64_t i = 1; i < count; i++)
        if (place_at(own, wide, i) < place_at(own, wide, i - 1)) {
            qsort(own, (size_t)count, wide ? 8 : 4, wide ? compare_wide : compare);
            break;
        }
    for (int64_t i = 0; i < count;) {
        uint64_t doc = place_at(own, wide, i) >> bits;
        int32_t tf = 0, title_tf = 0;
        if (doc >= (uint64_t)collected->documents) return WRONG;
        for (; i < count && place_at(own, wide, i) >> bits == doc; i++) {
            if (i && place_at(own, wide, i) == place_at(own, wide, i - 1)) continue;
            uint32_t position = (uint32_t)(place_at(own, wide, i) & mask);
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

/* Do it for the term that begins there. */
static int collect_from(Collected *collected, int64_t start, int64_t count) {
    const Dealt *dealt = &collected->dealt;
    if (dealt->bits == WIDE)
        return collect_term(collected, (uint64_t *)dealt->places + start, count, 1);
    return collect_term(collected, (uint32_t *)dealt->places + start, count, 0);
}

static int collect_all(Collected *collected, Py_ssize_t first, Py_ssize_t last) {
    const int64_t *starts = collected->starts;
    if (starts[first] < 0 || starts[last] < starts[first] ||
        starts[last] > collected->dealt.count || starts[last] - starts[first] > collected->room)
        return WRONG;
    for (Py_ssize_t term = first; term < last; term++) {
        Py_ssize_t before = collected->postings;
        if (starts[term + 1] < starts[term] || starts[term + 1] > starts[last] ||
            collect_from(collected, starts[term], starts[term + 1] - starts[term]))
            return WRONG;
        collected->counts[term - first] = (int32_t)(collected->postings - before);
    }
    return FINE;
}

/* collect(first, last, bits, (starts, titles, dealt, counts, docs, tf, title_tf, positions))
 * -> how many postings and positions the terms of the range have */
static PyObject *collect(PyObject *module, PyObject *arguments) {
    enum { STARTS, TITLES, DEALT, COUNTS, DOCS, TF, TITLE_TF, POSITIONS, ARRAYS };
    Py_ssize_t first, last;
    PyObject *tuple;
    Arrays arrays;
    int bits, failed;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "nniO!", &first, &last, &bits, &PyTuple_Type, &tuple))
        return NULL;
    if (bits < 1 || bits > WIDE) {
        raised(WRONG);
        return NULL;
    }
    const int widths[ARRAYS] = {8, 4, width_of(bits), 4, 4, 4, 4, 4};
    if (hold(&arrays, tuple, widths, DEALT, ARRAYS) < 0) return NULL;
    Collected collected = {
        {arrays.held[DEALT].buf, items(&arrays, DEALT, width_of(bits)), bits},
        arrays.held[STARTS].buf, arrays.held[TITLES].buf, arrays.held[COUNTS].buf,
        arrays.held[DOCS].buf, arrays.held[TF].buf, arrays.held[TITLE_TF].buf,
        arrays.held[POSITIONS].buf, items(&arrays, DOCS, 4), items(&arrays, TITLES, 4), 0, 0};
    if (first < 0 || last < first || last >= items(&arrays, STARTS, 8) ||
        last - first > items(&arrays, COUNTS, 4) || items(&arrays, TF, 4) != collected.room ||
        items(&arrays, TITLE_TF, 4) != collected.room ||
        items(&arrays, POSITIONS, 4) != collected.room)
        return misfit(&arrays);
    Py_BEGIN_ALLOW_THREADS
    failed = collect_all(&collected, first, last);
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
