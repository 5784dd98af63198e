/* Inversion: from (term, document, position) triples to posting lists, in time linear in them.
 *
 * A triple has a number for which there are any number of terms (a form, its lemmas). Triples are
 * dealt out to their terms in the order they come; a term whose triples did not come in order is
 * sorted. What the arrays mean is said in `inversion.py`, which does the same without
 * this file and which the tests hold it against. The interpreter's lock is released meanwhile.
 * Every number is checked before it is used: a wrong one is a ValueError.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TERMS, DOCS, POSITIONS, BEGINS, TARGETS, TITLES, READ };
enum { STARTS = READ, OUT_DOCS, TF, TITLE_TF, OUT_POSITIONS, BUFFERS };
enum { FINE, WRONG, NO_MEMORY };

static const int WIDTHS[BUFFERS] = {4, 4, 4, 4, 4, 4, 8, 4, 4, 4, 4};

typedef struct {
    Py_buffer held[BUFFERS];
    int count;
    Py_ssize_t triples, documents, sources, terms, room_for;
    uint64_t *dealt; /* document << 32 | position, by term */
    int64_t postings, places;
} Inversion;

static void *at(const Inversion *inversion, int which) { return inversion->held[which].buf; }

static Py_ssize_t items(const Inversion *inversion, int which) {
    return inversion->held[which].len / WIDTHS[which];
}

/* Check the targets of every source: places in TARGETS, and terms there. */
static int check_targets(const Inversion *inversion) {
    const int32_t *begins = at(inversion, BEGINS), *targets = at(inversion, TARGETS);
    Py_ssize_t count = items(inversion, TARGETS);
    for (Py_ssize_t i = 0; i < inversion->sources; i++)
        if (begins[i] < 0 || begins[i + 1] < begins[i] || begins[i + 1] > count) return WRONG;
    for (Py_ssize_t i = 0; i < count; i++)
        if (targets[i] < 0 || targets[i] >= inversion->terms) return WRONG;
    return FINE;
}

/* Check the triples and count those of each term, in the number after it. */
static int count_terms(const Inversion *inversion) {
    const int32_t *terms = at(inversion, TERMS), *docs = at(inversion, DOCS);
    const int32_t *positions = at(inversion, POSITIONS);
    const int32_t *begins = at(inversion, BEGINS), *targets = at(inversion, TARGETS);
    int64_t *starts = at(inversion, STARTS);
    memset(starts, 0, (size_t)(inversion->terms + 1) * sizeof *starts);
    if (check_targets(inversion)) return WRONG;
    for (Py_ssize_t i = 0; i < inversion->triples; i++) {
        if (terms[i] < 0 || terms[i] >= inversion->sources || docs[i] < 0 ||
            docs[i] >= inversion->documents || positions[i] < 0)
            return WRONG;
        for (int32_t j = begins[terms[i]]; j < begins[terms[i] + 1]; j++) starts[targets[j] + 1]++;
    }
    return FINE;
}

/* Deal the triples out to their terms. */
static int deal(Inversion *inversion) {
    const int32_t *terms = at(inversion, TERMS), *docs = at(inversion, DOCS);
    const int32_t *positions = at(inversion, POSITIONS);
    const int32_t *begins = at(inversion, BEGINS), *targets = at(inversion, TARGETS);
    int64_t *starts = at(inversion, STARTS);
    if (count_terms(inversion)) return WRONG;
    for (Py_ssize_t term = 0; term < inversion->terms; term++) starts[term + 1] += starts[term];
    if (starts[inversion->terms] > inversion->room_for) return WRONG;
    size_t size = (size_t)starts[inversion->terms] * sizeof *inversion->dealt;
    int64_t *next = malloc((size_t)(inversion->terms + 1) * sizeof *next);
    inversion->dealt = malloc(size ? size : 1);
    if (!next || !inversion->dealt) {
        free(next);
        return NO_MEMORY;
    }
    memcpy(next, starts, (size_t)(inversion->terms + 1) * sizeof *next);
    for (Py_ssize_t i = 0; i < inversion->triples; i++) {
        uint64_t place = (uint64_t)docs[i] << 32 | (uint32_t)positions[i];
        for (int32_t j = begins[terms[i]]; j < begins[terms[i] + 1]; j++)
            inversion->dealt[next[targets[j]]++] = place;
    }
    free(next);
    return FINE;
}

static int compare(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Write one posting, whose positions are written already. */
static void finish(Inversion *inversion, int32_t doc, int32_t tf, int32_t title_tf) {
    int64_t number = inversion->postings++;
    ((int32_t *)at(inversion, OUT_DOCS))[number] = doc;
    ((int32_t *)at(inversion, TF))[number] = tf;
    ((int32_t *)at(inversion, TITLE_TF))[number] = title_tf;
}

/* Write the postings of one term. */
static void write_term(Inversion *inversion, uint64_t *own, int64_t count) {
    const int32_t *titles = at(inversion, TITLES);
    uint32_t *positions = at(inversion, OUT_POSITIONS);
    for (int64_t i = 1; i < count; i++)
        if (own[i] < own[i - 1]) {
            qsort(own, (size_t)count, sizeof *own, compare);
            break;
        }
    for (int64_t i = 0; i < count;) {
        int32_t doc = (int32_t)(own[i] >> 32), tf = 0, title_tf = 0;
        for (; i < count && (int32_t)(own[i] >> 32) == doc; i++) {
            if (i && own[i] == own[i - 1]) continue;
            uint32_t position = (uint32_t)own[i];
            positions[inversion->places++] = position;
            title_tf += (int64_t)position < titles[doc];
            tf++;
        }
        finish(inversion, doc, tf, title_tf);
    }
}

static int invert_all(Inversion *inversion) {
    int failed = deal(inversion);
    int64_t *starts = at(inversion, STARTS), begin = 0;
    for (Py_ssize_t term = 0; !failed && term < inversion->terms; term++) {
        int64_t end = starts[term + 1];
        starts[term] = inversion->postings;
        write_term(inversion, inversion->dealt + begin, end - begin);
        begin = end;
    }
    if (!failed) starts[inversion->terms] = inversion->postings;
    return failed;
}

/* Hold the buffers and compare their sizes; -1 with an exception set. */
static int hold(Inversion *inversion, PyObject *const *objects) {
    for (; inversion->count < BUFFERS; inversion->count++) {
        int flags = inversion->count < READ ? PyBUF_SIMPLE : PyBUF_WRITABLE;
        if (PyObject_GetBuffer(objects[inversion->count], &inversion->held[inversion->count],
                               flags) < 0)
            return -1;
        if (inversion->held[inversion->count].len % WIDTHS[inversion->count]) {
            inversion->count++;
            goto wrong;
        }
    }
    inversion->triples = items(inversion, TERMS);
    inversion->documents = items(inversion, TITLES);
    inversion->terms = items(inversion, STARTS) - 1;
    inversion->sources = items(inversion, BEGINS) - 1;
    inversion->room_for = items(inversion, OUT_POSITIONS);
    Py_ssize_t triples = inversion->triples;
    Py_ssize_t room = inversion->room_for;
    if (inversion->terms >= 0 && inversion->sources >= 0 && items(inversion, DOCS) == triples &&
        items(inversion, POSITIONS) == triples && items(inversion, OUT_DOCS) == room &&
        items(inversion, TF) == room && items(inversion, TITLE_TF) == room)
        return 0;
wrong:
    PyErr_SetString(PyExc_ValueError, "arrays do not fit together");
    return -1;
}

/* invert(terms, docs, positions, begins, targets, titles, starts, docs, tf, title_tf, positions)
 * -> how many postings and positions were written; see inversion.py */
static PyObject *invert(PyObject *module, PyObject *arguments) {
    PyObject *objects[BUFFERS], *result = NULL;
    Inversion inversion;
    int failed = FINE;
    (void)module;
    memset(&inversion, 0, sizeof inversion);
    if (PyTuple_Size(arguments) != BUFFERS) {
        PyErr_Format(PyExc_TypeError, "invert takes %d arrays", BUFFERS);
        return NULL;
    }
    for (int i = 0; i < BUFFERS; i++) objects[i] = PyTuple_GetItem(arguments, i);
    if (!hold(&inversion, objects)) {
        Py_BEGIN_ALLOW_THREADS
        failed = invert_all(&inversion);
        Py_END_ALLOW_THREADS
        if (failed == NO_MEMORY) PyErr_NoMemory();
        else if (failed) PyErr_SetString(PyExc_ValueError, "a number is out of range");
        else
            result = Py_BuildValue(
                "LL", (long long)inversion.postings, (long long)inversion.places);
    }
    for (int i = 0; i < inversion.count; i++) PyBuffer_Release(&inversion.held[i]);
    free(inversion.dealt);
    return result;
}

static PyMethodDef methods[] = {
    {"invert", invert, METH_VARARGS, "Invert triples into the arrays given."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_inversion", NULL, 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__inversion(void) { return PyModule_Create(&definition); }
