/* The second pass as a method of segments: hits and words come in, hits in their new order go out. */

#include <math.h>
#include <stdlib.h>

#include "_calls.h"
#include "_second_pass.h"

/* (lemmas, form, related, weights of form, related words, lead, window) */
static int read_typed(Call *call, PyObject *tuple, Typed *typed) {
    float *weights[] = {&typed->form, &typed->related, &typed->lead, &typed->close};
    if (!tuple_of(tuple)) return -1;
    if (PyTuple_Size(tuple) != STREAMS + 4) return wrong("a typed word is a tuple of seven");
    for (int i = 0; i < STREAMS; i++)
        if (read_part(call, PyTuple_GetItem(tuple, i), &typed->streams[i]) < 0) return -1;
    for (int i = 0; i < 4; i++) {
        double weight = PyFloat_AsDouble(PyTuple_GetItem(tuple, STREAMS + i));
        if ((weight == -1 && PyErr_Occurred()) || read_weight(weight, weights[i]) < 0) return -1;
    }
    return 0;
}

static int read_words(Call *call, PyObject *words, Rescoring *asked) {
    if (!tuple_of(words)) return -1;
    asked->word_count = PyTuple_Size(words);
    if (asked->word_count > MOST_NODES) return wrong("there are too many words");
    Typed *typed = room_for(&call->holder, asked->word_count, sizeof(Typed));
    if (!typed) return -1;
    asked->words = typed;
    for (int64_t i = 0; i < asked->word_count; i++)
        if (read_typed(call, PyTuple_GetItem(words, i), &typed[i]) < 0) return -1;
    return 0;
}

/* (weight of the best window, tokens of a lead, of a window, of the gap after a title) */
static int read_measures(PyObject *tuple, Rescoring *asked) {
    double close;
    int lead, window, gap;
    if (!tuple_of(tuple) || !PyArg_ParseTuple(tuple, "diii", &close, &lead, &window, &gap)) return -1;
    if (lead < 0 || window < 0 || gap < 0) return wrong("a measure is a number of tokens");
    asked->lead = lead;
    asked->window = window;
    asked->gap = gap;
    return read_weight(close, &asked->close);
}

/* Read (key, number, score); 1 if it lies in the segment, else 0. */
static int read_hit(const Call *call, PyObject *hit, long long base, Rescored *row) {
    if (!tuple_of(hit)) return -1;
    if (PyTuple_Size(hit) != 3) return wrong("a hit is a tuple of three");
    long long number = PyLong_AsLongLong(PyTuple_GetItem(hit, 1));
    double score = PyFloat_AsDouble(PyTuple_GetItem(hit, 2));
    if (PyErr_Occurred()) return -1;
    if (read_weight(score, &row->score) < 0) return -1;
    if (number < base || number - base >= call->self->segment.size) return 0;
    row->doc = (int32_t)(number - base);
    return 1;
}

static int by_document(const void *one, const void *two) {
    const Rescored *a = one, *b = two;
    if (a->doc != b->doc) return a->doc < b->doc ? -1 : 1;
    return (a->score > b->score) - (a->score < b->score);
}

static int by_score(const void *one, const void *two) {
    const Rescored *a = one, *b = two;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return (a->doc > b->doc) - (a->doc < b->doc);
}

static int read_hits(Call *call, PyObject *hits, long long base, Rescoring *asked) {
    int64_t count = PyList_Size(hits);
    if (base < 0) return wrong("numbers of documents are from 0 on");
    asked->rows = room_for(&call->holder, count, sizeof(Rescored));
    if (!asked->rows) return -1;
    for (int64_t i = 0; i < count; i++) {
        int inside = read_hit(call, PyList_GetItem(hits, i), base, &asked->rows[asked->row_count]);
        if (inside < 0) return -1;
        asked->row_count += inside;
    }
    return 0;
}

static PyObject *hits_of(const Rescoring *asked, long long base) {
    PyObject *hits = PyList_New((Py_ssize_t)asked->row_count);
    for (int64_t i = 0; hits && i < asked->row_count; i++) {
        double score = asked->rows[i].score;
        PyObject *row = Py_BuildValue("dLd", -score, base + asked->rows[i].doc, score);
        if (!row || PyList_SetItem(hits, (Py_ssize_t)i, row) < 0) Py_CLEAR(hits);
    }
    return hits;
}

static int rescore_freely(Rescoring *asked) {
    size_t count = (size_t)asked->row_count;
    int status;
    Py_BEGIN_ALLOW_THREADS
    qsort(asked->rows, count, sizeof(Rescored), by_document);
    status = rescore(asked);
    if (!status) qsort(asked->rows, count, sizeof(Rescored), by_score);
    Py_END_ALLOW_THREADS
    if (status) complain(status);
    return status ? -1 : 0;
}

PyObject *rescore_hits(PyObject *object, PyObject *arguments) {
    Call call;
    Rescoring asked = {0};
    long long base;
    PyObject *hits, *words, *measures, *result = NULL;
    if (begin_call(&call, object) < 0) return NULL;
    asked.search = &call.search;
    if (PyArg_ParseTuple(arguments, "O!LOOd", &PyList_Type, &hits, &base, &words, &measures,
                         &call.search.clock.deadline) &&
        !read_hits(&call, hits, base, &asked) && !read_words(&call, words, &asked) &&
        !read_measures(measures, &asked) && !rescore_freely(&asked))
        result = hits_of(&asked, base);
    end_call(&call);
    return result ? result : refuse();
}
