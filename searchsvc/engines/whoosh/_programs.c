#include "_programs.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define DEEPEST 64    /* branches inside branches */
#define IDLE_PAGES 64 /* a workspace that grew larger is not kept, */
#define IDLE_BYTES (1 << 20) /* nor one with more room for the second pass */

int tuple_of(PyObject *object) {
    if (object && PyTuple_Check(object)) return 1;
    if (object) PyErr_SetString(PyExc_TypeError, "a program is made of tuples");
    return 0;
}

int one_each(const Call *call, PyObject *object) {
    if (!tuple_of(object)) return 0;
    if (PyTuple_Size(object) == call->owner_count) return 1;
    wrong("something is not given for each segment");
    return 0;
}

static int read_node(Call *call, PyObject *tuple, Node *node, int depth);

static int read_nodes(Call *call, PyObject *tuple, Node **nodes, int64_t *count, int depth) {
    if (!tuple_of(tuple)) return -1;
    *count = PyTuple_Size(tuple);
    call->nodes += *count;
    if (call->nodes > MOST_NODES) return wrong("a program has too many nodes");
    *nodes = room_for(&call->holder, *count, sizeof(Node));
    if (!*nodes) return -1;
    for (int64_t i = 0; i < *count; i++)
        if (read_node(call, PyTuple_GetItem(tuple, i), &(*nodes)[i], depth) < 0) return -1;
    return 0;
}

const Term *read_term(Call *call, PyObject *object) {
    TermObject *term = (TermObject *)object;
    if (object && Py_TYPE(object) == call->terms && term->owner == call->self) return &term->term;
    if (object) PyErr_SetString(PyExc_TypeError, "a word is made of terms of its segment");
    return NULL;
}

static int read_some(Call *call, PyObject *tuple, const Term **terms, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        terms[i] = read_term(call, PyTuple_GetItem(tuple, i));
        if (!terms[i]) return -1;
        if (!terms[i]->field) return wrong("a union has no positions");
    }
    return 0;
}

int read_terms(Call *call, PyObject *tuple, Node *node) {
    if (!tuple_of(tuple)) return -1;
    node->term_count = PyTuple_Size(tuple);
    node->terms = room_for(&call->holder, node->term_count, sizeof(Term *));
    return node->terms ? read_some(call, tuple, node->terms, node->term_count) : -1;
}

/* Read a word's posting list in each segment, or None. Gives NULL with an exception set. */
static const Term **read_every_term(Call *call, PyObject *tuple) {
    if (!one_each(call, tuple)) return NULL;
    const Term **terms = room_for(&call->holder, call->owner_count, sizeof(Term *));
    for (int64_t i = 0; terms && i < call->owner_count; i++) {
        PyObject *term = PyTuple_GetItem(tuple, i);
        if (term == Py_None) continue;
        call->self = call->owners[i];
        terms[i] = read_term(call, term);
        if (!terms[i]) return NULL;
    }
    return terms;
}

/* Find where each segment's part of a tuple of tuples begins, laid end to end; -1 as always. */
static int64_t lay_rows(Call *call, PyObject *rows, Node *node) {
    if (!one_each(call, rows)) return -1;
    node->starts = room_for(&call->holder, call->owner_count + 1, sizeof(int64_t));
    for (int64_t i = 0; node->starts && i < call->owner_count; i++) {
        PyObject *row = PyTuple_GetItem(rows, i);
        if (!tuple_of(row)) return -1;
        node->starts[i + 1] = node->starts[i] + PyTuple_Size(row);
    }
    return node->starts ? node->starts[call->owner_count] : -1;
}

/* Read the terms of a word in each segment: they have positions. */
static int read_every_list(Call *call, PyObject *rows, Node *node) {
    Node own = {0};
    int64_t most = 0, count = lay_rows(call, rows, node);
    if (count < 0) return -1;
    node->every_list = room_for(&call->holder, count, sizeof(Term *));
    if (!node->every_list) return -1;
    for (int64_t i = 0; i < call->owner_count; i++) {
        int64_t start = node->starts[i], size = node->starts[i + 1] - start;
        own.terms = node->every_list + start;
        call->self = call->owners[i];
        if (read_some(call, PyTuple_GetItem(rows, i), own.terms, size) < 0) return -1;
        if (size > most) most = size;
    }
    node->blocks = room_for(&call->holder, most, sizeof(Block));
    return node->blocks ? 0 : -1;
}

int read_weight(double given, float *weight) {
    *weight = (float)given;
    return *weight >= 0 && !isinf(*weight) ? 0 : wrong("a weight is a number from 0 on");
}

/* (WORD, weight, (term or None, …)) or (TITLE, weight, (terms, …)) */
static int read_word(Call *call, PyObject *tuple, Node *node) {
    double weight = PyFloat_AsDouble(PyTuple_GetItem(tuple, 1));
    PyObject *given = PyTuple_GetItem(tuple, 2);
    if ((weight == -1 && PyErr_Occurred()) || read_weight(weight, &node->weight) < 0) return -1;
    if (node->kind == TITLE) return read_every_list(call, given, node);
    node->every_term = read_every_term(call, given);
    return node->every_term ? 0 : -1;
}

int read_part(Call *call, PyObject *tuple, Part *part) {
    PyObject *numbers;
    Py_ssize_t field, low, high;
    int64_t count;
    if (!tuple_of(tuple) || !PyArg_ParseTuple(tuple, "nnnO", &field, &low, &high, &numbers))
        return -1;
    if (field < 0 || field >= call->self->segment.field_count) return wrong("there is no such field");
    if (hold(&call->holder, numbers, 4, &part->numbers, &count) < 0) return -1;
    part->field = &call->self->segment.fields[field];
    part->low = part->numbers ? 0 : low;
    part->high = part->numbers ? count : high;
    return part->low >= 0 && (part->numbers || part->high <= part->field->terms)
               ? 0 : wrong("there are no such terms");
}

static int read_parts(Call *call, PyObject *rows, Node *node) {
    int64_t count = lay_rows(call, rows, node);
    if (count < 0) return -1;
    Part *part = node->every_part = room_for(&call->holder, count, sizeof(Part));
    for (int64_t i = 0; part && i < call->owner_count; i++) {
        int64_t size = node->starts[i + 1] - node->starts[i];
        call->self = call->owners[i];
        for (int64_t j = 0; j < size; j++)
            if (read_part(call, PyTuple_GetItem(PyTuple_GetItem(rows, i), j), part++) < 0) return -1;
    }
    return part ? 0 : -1;
}

/* (WIDE, weight, (((field, low, high, numbers or None), …), …)) */
static int read_wide(Call *call, PyObject *tuple, Node *node) {
    int kind;
    double weight;
    PyObject *rows;
    if (!PyArg_ParseTuple(tuple, "idO", &kind, &weight, &rows)) return -1;
    return read_weight(weight, &node->weight) < 0 || read_parts(call, rows, node) < 0 ? -1 : 0;
}

/* ((term or None, …), (terms, …)) */
static int read_item(Call *call, PyObject *tuple, Node *item) {
    item->kind = WORD;
    if (!tuple_of(tuple)) return -1;
    if (PyTuple_Size(tuple) != 2) return wrong("an item of a phrase is a term and its terms");
    item->every_term = read_every_term(call, PyTuple_GetItem(tuple, 0));
    return item->every_term ? read_every_list(call, PyTuple_GetItem(tuple, 1), item) : -1;
}

/* (SPANS, weight, distance, (item, …)): below 0 side by side */
static int read_spans(Call *call, PyObject *tuple, Node *node) {
    int beyond;
    double weight = PyFloat_AsDouble(PyTuple_GetItem(tuple, 1));
    PyObject *items = PyTuple_GetItem(tuple, 3);
    node->distance = PyLong_AsLongLongAndOverflow(PyTuple_GetItem(tuple, 2), &beyond);
    if (PyErr_Occurred() || !tuple_of(items)) return -1;
    if (beyond || node->distance > UINT32_MAX) node->distance = beyond < 0 ? -1 : (int64_t)UINT32_MAX;
    node->must_count = PyTuple_Size(items);
    if (!node->must_count || (node->distance >= 0 && node->must_count != 2))
        return wrong("a phrase needs items, a pair two");
    call->nodes += node->must_count;
    if (call->nodes > MOST_NODES) return wrong("a program has too many nodes");
    node->must = room_for(&call->holder, node->must_count, sizeof(Node));
    node->order = room_for(&call->holder, node->must_count, sizeof(Node *));
    if (!node->must || !node->order || read_weight(weight, &node->weight) < 0) return -1;
    for (int64_t i = 0; i < node->must_count; i++)
        if (read_item(call, PyTuple_GetItem(items, i), &node->must[i]) < 0) return -1;
    return 0;
}

int read_column(Call *call, PyObject *starts, PyObject *ordinals, Column *column) {
    int64_t size = call->self->segment.size;
    if (hold_exactly(&call->holder, starts, 8, &column->starts, size + 1, 1) < 0 ||
        hold_numbers(&call->holder, ordinals, &column->ordinals, &column->width, &column->count) < 0)
        return -1;
    return column->starts || column->count == size ? 0 : differ();
}

/* (VALUE, ((starts or None, ordinals, ordinal) or None, …)) */
static int read_value(Call *call, PyObject *tuple, Node *node) {
    PyObject *rows = PyTuple_GetItem(tuple, 1);
    if (!one_each(call, rows)) return -1;
    node->values = room_for(&call->holder, call->owner_count, sizeof(Value));
    if (!node->values) return -1;
    for (int64_t i = 0; i < call->owner_count; i++) {
        int ordinal;
        PyObject *starts, *ordinals, *row = PyTuple_GetItem(rows, i);
        if (row == Py_None) continue;
        if (!tuple_of(row) || !PyArg_ParseTuple(row, "OOi", &starts, &ordinals, &ordinal)) return -1;
        node->values[i].ordinal = ordinal;
        call->self = call->owners[i];
        if (read_column(call, starts, ordinals, &node->values[i].column) < 0) return -1;
    }
    return 0;
}

int read_set(Call *call, PyObject *tuple, Node *node) {
    int kind;
    PyObject *docs, *scores;
    if (!PyArg_ParseTuple(tuple, "iOO", &kind, &docs, &scores) ||
        hold(&call->holder, docs, 4, &node->docs, &node->doc_count) < 0 ||
        hold_exactly(&call->holder, scores, 4, &node->given, node->doc_count, 1) < 0)
        return -1;
    for (int64_t i = 0; i < node->doc_count; i++) {
        if (node->docs[i] < 0 || node->docs[i] >= call->size ||
            (i && node->docs[i] <= node->docs[i - 1]))
            return wrong("the documents of a set are not in order");
        if (node->given && (!(node->given[i] >= 0) || isinf(node->given[i])))
            return wrong("a score is a number from 0 on");
    }
    return 0;
}

static int make_order(Call *call, Node *node) {
    int64_t count = node->must_count + node->should_count;
    node->order = room_for(&call->holder, count, sizeof(Node *));
    node->rest = room_for(&call->holder, count, sizeof(double));
    return node->order && node->rest ? 0 : -1;
}

/* (ALL, must, should, without, dated, first day, last day) */
static int read_all(Call *call, PyObject *tuple, Node *node, int depth) {
    node->dated = PyObject_IsTrue(PyTuple_GetItem(tuple, 4));
    long first = PyLong_AsLong(PyTuple_GetItem(tuple, 5));
    long last = PyLong_AsLong(PyTuple_GetItem(tuple, 6));
    if (PyErr_Occurred()) return -1;
    if (first < INT32_MIN || first > INT32_MAX || last < INT32_MIN || last > INT32_MAX)
        return wrong("a day is out of range");
    node->first_day = (int32_t)first;
    node->last_day = (int32_t)last;
    if (read_nodes(call, PyTuple_GetItem(tuple, 1), &node->must, &node->must_count, depth) < 0 ||
        read_nodes(call, PyTuple_GetItem(tuple, 2), &node->should, &node->should_count, depth) < 0 ||
        read_nodes(call, PyTuple_GetItem(tuple, 3), &node->without, &node->without_count, depth) < 0)
        return -1;
    return make_order(call, node);
}

/* (ANY or BEST, children) */
static int read_any(Call *call, PyObject *tuple, Node *node, int depth) {
    PyObject *children = PyTuple_GetItem(tuple, 1);
    if (!children || read_nodes(call, children, &node->should, &node->should_count, depth) < 0)
        return -1;
    return make_order(call, node);
}

static int read_node(Call *call, PyObject *tuple, Node *node, int depth) {
    static const Py_ssize_t sizes[KINDS] = {3, 3, 3, 4, 2, 3, 7, 2, 2};
    if (!tuple_of(tuple)) return -1;
    PyObject *first = PyTuple_Size(tuple) ? PyTuple_GetItem(tuple, 0) : NULL;
    long kind = first ? PyLong_AsLong(first) : -1;
    if (kind == -1 && PyErr_Occurred()) return -1;
    if (kind < 0 || kind >= KINDS || PyTuple_Size(tuple) != sizes[kind] || depth > DEEPEST)
        return wrong("there is no such node");
    node->kind = (int)kind;
    switch (kind) {
    case WORD:
    case TITLE: return read_word(call, tuple, node);
    case WIDE: return read_wide(call, tuple, node);
    case SPANS: return read_spans(call, tuple, node);
    case VALUE: return read_value(call, tuple, node);
    case SET: return read_set(call, tuple, node);
    case ALL: return read_all(call, tuple, node, depth + 1);
    default: return read_any(call, tuple, node, depth + 1);
    }
}

int read_program(Call *call, PyObject *program) {
    Node *root = room_for(&call->holder, 1, sizeof(Node));
    if (!root || read_node(call, program, root, 0) < 0) return -1;
    if (root->kind < ALL) return wrong("the root of a program is a branch");
    call->search.root = root;
    return 0;
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* Begin a call of an object that keeps idle workspaces. */
static int begin(Call *call, PyObject *object, Workspace **idle) {
    Types *types = PyType_GetModuleState(Py_TYPE(object));
    call->holder.hand = call->hand;
    call->terms = types->terms;
    call->typed = types->typed;
    call->idle = idle;
    call->search.after_key = -INFINITY;
    call->search.after_doc = -1;
    Workspace *space = *idle;
    if (space) *idle = space->next;
    else space = new_workspace();
    call->search.space = space;
    if (!space) PyErr_NoMemory();
    return space ? 0 : -1;
}

int begin_call(Call *call, PyObject *object) {
    memset(call, 0, offsetof(Call, hand));
    call->self = (SegmentObject *)object;
    call->size = call->self->segment.size;
    call->search.segment = &call->self->segment;
    return begin(call, object, &call->self->idle);
}

int begin_search(Call *call, PyObject *object) {
    WholeObject *whole = (WholeObject *)object;
    memset(call, 0, offsetof(Call, hand));
    call->owners = whole->owners;
    call->owner_count = call->search.segment_count = whole->count;
    call->size = whole->size;
    call->search.segments = whole->segments;
    return begin(call, object, &whole->idle);
}

void end_call(Call *call) {
    Workspace *space = call->search.space;
    let_go(&call->holder);
    if (!space) return;
    int64_t pages = space->bitmaps.count + space->arrays.count + space->scores.count;
    size_t rooms = space->rows.size + space->found.size + space->occurrences.size;
    if (pages > IDLE_PAGES || space->kept_room > CHUNK || space->positions_room > CHUNK ||
        rooms > IDLE_BYTES) {
        free_workspace(space);
        return;
    }
    space->next = *call->idle;
    *call->idle = space;
}

int run_freely(Call *call) {
    int status;
    Py_BEGIN_ALLOW_THREADS
    status = run(&call->search);
    if (!status) sort_kept(&call->search);
    Py_END_ALLOW_THREADS
    if (status) complain(status);
    return status ? -1 : 0;
}
