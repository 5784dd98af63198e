#include <math.h>
#include <stdlib.h>

#include "_calls.h"

/* Read an integer of any size as the nearest of 64 bits. Returns 0 with an exception set. */
static int clamped(PyObject *object, void *value) {
    int beyond;
    PyObject *number = PyNumber_Index(object);
    if (!number) return 0;
    int64_t nearest = PyLong_AsLongLongAndOverflow(number, &beyond);
    if (beyond) nearest = beyond < 0 ? INT64_MIN : INT64_MAX;
    Py_DECREF(number);
    *(int64_t *)value = nearest;
    return 1;
}

/* (starts or None, ordinals, numbers or None), or None where no document has a value */
static int read_counted(Call *call, PyObject *row, int64_t values, Column *column) {
    PyObject *starts, *ordinals, *numbers;
    if (row == Py_None) return 0;
    if (!tuple_of(row) || !PyArg_ParseTuple(row, "OOO", &starts, &ordinals, &numbers) ||
        read_column(call, starts, ordinals, column) < 0 ||
        hold(&call->holder, numbers, 4, &column->numbers, &column->values) < 0)
        return -1;
    if (!column->numbers) column->values = values;
    return 0;
}

/* (number of values, columns) */
static int read_facet(Call *call, PyObject *tuple, Facet *facet) {
    int values;
    PyObject *columns;
    if (!tuple_of(tuple) || !PyArg_ParseTuple(tuple, "iO", &values, &columns)) return -1;
    if (values < 0) return wrong("a facet has values");
    if (!one_each(call, columns)) return -1;
    facet->values = values;
    facet->counts = room_for(&call->holder, values, sizeof(uint32_t));
    facet->columns = room_for(&call->holder, call->owner_count, sizeof(Column));
    if (!facet->counts || !facet->columns) return -1;
    for (int64_t i = 0; i < call->owner_count; i++) {
        call->self = call->owners[i];
        if (read_counted(call, PyTuple_GetItem(columns, i), values, &facet->columns[i]) < 0) return -1;
    }
    return 0;
}

int read_facets(Call *call, PyObject *facets) {
    Search *search = &call->search;
    search->facet_count = PyTuple_Size(facets);
    if (!search->facet_count) return 0;
    if (search->facet_count > MOST_NODES) return wrong("there are too many facets");
    search->facets = room_for(&call->holder, search->facet_count, sizeof(Facet));
    if (!search->facets) return -1;
    for (int64_t i = 0; i < search->facet_count; i++)
        if (read_facet(call, PyTuple_GetItem(facets, i), &search->facets[i]) < 0) return -1;
    return 0;
}

static int all_grouped(const Search *search) {
    for (int64_t i = 0; i < search->segment_count; i++)
        if (!search->segments[i]->group) return 0;
    return 1;
}

static int read_folded(Call *call, PyObject *folded) {
    Search *search = &call->search;
    search->folding = folded != Py_None;
    if (search->folding && !all_grouped(search)) return wrong("a segment has no groups");
    return hold(&call->holder, folded, 4, &search->folded, &search->folded_count);
}

/* Give (key, document, score) of a hit. */
static PyObject *row_of(const Search *search, const Entry *entry) {
    PyObject *row = PyTuple_New(3), *key = PyFloat_FromDouble(entry->key);
    PyObject *score = PyFloat_FromDouble(search->order ? entry->score : -entry->key);
    PyObject *doc = PyLong_FromLong(entry->doc);
    if (row && key && doc && score) {
        PyTuple_SetItem(row, 0, key);
        PyTuple_SetItem(row, 1, doc);
        PyTuple_SetItem(row, 2, score);
        return row;
    }
    Py_XDECREF(row);
    Py_XDECREF(key);
    Py_XDECREF(doc);
    Py_XDECREF(score);
    return NULL;
}

PyObject *listed(const Search *search) {
    PyObject *hits = PyList_New((Py_ssize_t)search->kept_count);
    for (int64_t i = 0; hits && i < search->kept_count; i++) {
        PyObject *row = row_of(search, &search->space->kept[i]);
        if (!row || PyList_SetItem(hits, (Py_ssize_t)i, row) < 0) {
            Py_DECREF(hits);
            return NULL;
        }
    }
    return hits;
}

typedef struct {
    uint32_t count;
    int32_t ordinal;
} Bucket;

static int fullest_first(const void *one, const void *two) {
    const Bucket *a = one, *b = two;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    return (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

/* Give (ordinal, count) of every value that was counted, the most frequent first. */
static PyObject *counted(Call *call, const Facet *facet) {
    Bucket *buckets = room_for(&call->holder, facet->values, sizeof(Bucket));
    int64_t count = 0;
    if (!buckets) return NULL;
    for (int32_t i = 0; i < facet->values; i++)
        if (facet->counts[i]) buckets[count++] = (Bucket){facet->counts[i], i};
    qsort(buckets, (size_t)count, sizeof(Bucket), fullest_first);
    PyObject *rows = PyList_New((Py_ssize_t)count);
    for (int64_t i = 0; rows && i < count; i++) {
        PyObject *row = Py_BuildValue("iI", (int)buckets[i].ordinal, buckets[i].count);
        if (!row || PyList_SetItem(rows, (Py_ssize_t)i, row) < 0) {
            Py_DECREF(rows);
            return NULL;
        }
    }
    return rows;
}

PyObject *counted_facets(Call *call) {
    Search *search = &call->search;
    PyObject *facets = PyList_New((Py_ssize_t)search->facet_count);
    for (int64_t i = 0; facets && i < search->facet_count; i++) {
        PyObject *rows = counted(call, &search->facets[i]);
        if (!rows || PyList_SetItem(facets, (Py_ssize_t)i, rows) < 0) Py_CLEAR(facets);
    }
    return facets;
}

static PyObject *answered(Call *call) {
    PyObject *hits = listed(&call->search), *facets = counted_facets(call);
    if (hits && facets) return Py_BuildValue("LNN", (long long)call->search.total, hits, facets);
    Py_XDECREF(hits);
    Py_XDECREF(facets);
    return NULL;
}

/* Read what of a search are plain numbers. */
static int read_numbers(Search *search, PyObject *const *given) {
    long order = PyLong_AsLong(given[1]);
    search->after_key = PyFloat_AsDouble(given[2]);
    if (!clamped(given[3], &search->after_doc)) return -1;
    search->wanted = PyLong_AsSsize_t(given[4]);
    search->clock.deadline = PyFloat_AsDouble(given[7]);
    if (PyErr_Occurred()) return -1;
    if (search->wanted < 0 || order < -1 || order > 1)
        return wrong("there is no such order, or number of hits");
    search->order = (int)order;
    return 0;
}

PyObject *search_whole(PyObject *object, PyObject *const *given, Py_ssize_t count) {
    Call call;
    PyObject *result = NULL;
    if (count != 8 || !PyTuple_Check(given[6])) {
        PyErr_SetString(PyExc_TypeError, "a search takes eight arguments, facets as a tuple");
        return NULL;
    }
    if (begin_search(&call, object) < 0) return NULL;
    if (!read_numbers(&call.search, given) && !read_program(&call, given[0]) &&
        !read_folded(&call, given[5]) && !read_facets(&call, given[6]) && !run_freely(&call))
        result = answered(&call);
    end_call(&call);
    return result ? result : refuse();
}

PyObject *match_whole(PyObject *object, PyObject *arguments) {
    Call call;
    Search *search = &call.search;
    PyObject *program, *result = NULL;
    if (begin_search(&call, object) < 0) return NULL;
    search->wanted = -1;
    if (PyArg_ParseTuple(arguments, "Od", &program, &search->clock.deadline) &&
        !read_program(&call, program) && !run_freely(&call)) {
        PyObject *docs = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)search->kept_count * 4);
        PyObject *scores = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)search->kept_count * 4);
        for (int64_t i = 0; docs && scores && i < search->kept_count; i++) {
            ((int32_t *)PyBytes_AsString(docs))[i] = search->space->kept[i].doc;
            ((float *)PyBytes_AsString(scores))[i] = search->space->kept[i].score;
        }
        if (docs && scores) result = Py_BuildValue("OO", docs, scores);
        Py_XDECREF(docs);
        Py_XDECREF(scores);
    }
    end_call(&call);
    return result ? result : refuse();
}

PyObject *collect_groups(PyObject *object, PyObject *arguments) {
    Call call;
    Search *search = &call.search;
    PyObject *program, *result = NULL;
    if (begin_search(&call, object) < 0) return NULL;
    search->wanted = -1;
    search->folding = search->collecting = 1;
    if (PyArg_ParseTuple(arguments, "OidO&d", &program, &search->order, &search->after_key,
                         clamped, &search->after_doc, &search->clock.deadline)) {
        if (!all_grouped(search) || search->order < -1 || search->order > 1)
            wrong("a segment has no groups, or there is no such order");
        else if (!read_program(&call, program) && !run_freely(&call))
            result = PySet_New(NULL);
        for (int64_t i = 0; result && i < search->kept_count; i++) {
            PyObject *group = PyLong_FromLong(search->space->kept[i].group);
            int added = group ? PySet_Add(result, group) : -1;
            Py_XDECREF(group);
            if (added < 0) Py_CLEAR(result);
        }
    }
    end_call(&call);
    return result ? result : refuse();
}
