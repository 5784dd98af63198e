#include "_programs.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define DEEPEST 64    /* branches inside branches */
#define IDLE_PAGES 64 /* a workspace that grew larger is not kept */

int tuple_of(PyObject *object) {
    if (object && PyTuple_Check(object)) return 1;
    if (object) PyErr_SetString(PyExc_TypeError, "a program is made of tuples");
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

static const Term *read_term(Call *call, PyObject *object) {
    TermObject *term = (TermObject *)object;
    if (object && Py_TYPE(object) == call->terms && term->owner == call->self) return &term->term;
    if (object) PyErr_SetString(PyExc_TypeError, "a word is made of terms of its segment");
    return NULL;
}

int read_terms(Call *call, PyObject *tuple, Node *node) {
    if (!tuple_of(tuple)) return -1;
    node->term_count = PyTuple_Size(tuple);
    node->terms = room_for(&call->holder, node->term_count, sizeof(Term *));
    node->blocks = room_for(&call->holder, node->term_count, sizeof(Block));
    if (!node->terms || !node->blocks) return -1;
    for (int64_t i = 0; i < node->term_count; i++) {
        node->terms[i] = read_term(call, PyTuple_GetItem(tuple, i));
        if (!node->terms[i]) return -1;
        if (!node->terms[i]->field) return wrong("a union has no positions");
    }
    return 0;
}

int read_weight(double given, float *weight) {
    *weight = (float)given;
    return *weight >= 0 && !isinf(*weight) ? 0 : wrong("a weight is a number from 0 on");
}

/* (WORD, weight, term) or (TITLE, weight, terms) */
static int read_word(Call *call, PyObject *tuple, Node *node) {
    double weight = PyFloat_AsDouble(PyTuple_GetItem(tuple, 1));
    PyObject *given = PyTuple_GetItem(tuple, 2);
    if ((weight == -1 && PyErr_Occurred()) || read_weight(weight, &node->weight) < 0) return -1;
    if (node->kind == TITLE) return read_terms(call, given, node);
    node->term = read_term(call, given);
    return node->term ? 0 : -1;
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

/* (WIDE, weight, ((field, low, high, numbers or None), …)) */
static int read_wide(Call *call, PyObject *tuple, Node *node) {
    int kind;
    double weight;
    PyObject *parts;
    if (!PyArg_ParseTuple(tuple, "idO!", &kind, &weight, &PyTuple_Type, &parts)) return -1;
    node->part_count = PyTuple_Size(parts);
    node->parts = room_for(&call->holder, node->part_count, sizeof(Part));
    if (!node->parts || read_weight(weight, &node->weight) < 0) return -1;
    for (int64_t i = 0; i < node->part_count; i++)
        if (read_part(call, PyTuple_GetItem(parts, i), &node->parts[i]) < 0) return -1;
    return 0;
}

/* (SPANS, weight, distance, ((term, terms), …)): below 0 side by side */
static int read_spans(Call *call, PyObject *tuple, Node *node) {
    int kind, beyond;
    double weight;
    PyObject *distance, *items;
    if (!PyArg_ParseTuple(tuple, "idO!O!", &kind, &weight, &PyLong_Type, &distance, &PyTuple_Type,
                          &items))
        return -1;
    node->distance = PyLong_AsLongLongAndOverflow(distance, &beyond);
    if (beyond || node->distance > UINT32_MAX) node->distance = beyond < 0 ? -1 : (int64_t)UINT32_MAX;
    node->must_count = PyTuple_Size(items);
    if (!node->must_count || (node->distance >= 0 && node->must_count != 2))
        return wrong("a phrase needs items, a pair two");
    call->nodes += node->must_count;
    if (call->nodes > MOST_NODES) return wrong("a program has too many nodes");
    node->must = room_for(&call->holder, node->must_count, sizeof(Node));
    node->order = room_for(&call->holder, node->must_count, sizeof(Node *));
    if (!node->must || !node->order || read_weight(weight, &node->weight) < 0) return -1;
    for (int64_t i = 0; i < node->must_count; i++) {
        PyObject *term, *terms, *item = PyTuple_GetItem(items, i);
        node->must[i].kind = WORD;
        if (!tuple_of(item) || !PyArg_ParseTuple(item, "OO", &term, &terms)) return -1;
        node->must[i].term = read_term(call, term);
        if (!node->must[i].term || read_terms(call, terms, &node->must[i]) < 0) return -1;
    }
    return 0;
}

int read_column(Call *call, PyObject *starts, PyObject *ordinals, Column *column) {
    int64_t size = call->self->segment.size;
    if (hold_exactly(&call->holder, starts, 8, &column->starts, size + 1, 1) < 0 ||
        hold(&call->holder, ordinals, 4, &column->ordinals, &column->count) < 0)
        return -1;
    return column->starts || column->count == size ? 0 : differ();
}

/* (VALUE, starts or None, ordinals, ordinal) */
static int read_value(Call *call, PyObject *tuple, Node *node) {
    int kind, ordinal;
    PyObject *starts, *ordinals;
    if (!PyArg_ParseTuple(tuple, "iOOi", &kind, &starts, &ordinals, &ordinal)) return -1;
    node->ordinal = ordinal;
    return read_column(call, starts, ordinals, &node->column);
}

int read_set(Call *call, PyObject *tuple, Node *node) {
    int kind;
    PyObject *docs, *scores;
    if (!PyArg_ParseTuple(tuple, "iOO", &kind, &docs, &scores) ||
        hold(&call->holder, docs, 4, &node->docs, &node->doc_count) < 0 ||
        hold_exactly(&call->holder, scores, 4, &node->given, node->doc_count, 1) < 0)
        return -1;
    for (int64_t i = 0; i < node->doc_count; i++) {
        if (node->docs[i] < 0 || node->docs[i] >= call->self->segment.size ||
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
    static const Py_ssize_t sizes[KINDS] = {3, 3, 3, 4, 4, 3, 7, 2, 2};
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

int begin_call(Call *call, PyObject *object) {
    Types *types = PyType_GetModuleState(Py_TYPE(object));
    memset(call, 0, offsetof(Call, hand));
    call->holder.hand = call->hand;
    call->self = (SegmentObject *)object;
    call->terms = types->terms;
    call->search.segment = &call->self->segment;
    call->search.after_key = -INFINITY;
    call->search.after_doc = -1;
    Workspace *space = call->self->idle;
    if (space) call->self->idle = space->next;
    else space = new_workspace();
    call->search.space = space;
    if (!space) PyErr_NoMemory();
    return space ? 0 : -1;
}

void end_call(Call *call) {
    Workspace *space = call->search.space;
    let_go(&call->holder);
    if (!space) return;
    int64_t pages = space->bitmaps.count + space->arrays.count + space->scores.count;
    if (pages > IDLE_PAGES || space->kept_room > CHUNK || space->positions_room > CHUNK) {
        free_workspace(space);
        return;
    }
    space->next = call->self->idle;
    call->self->idle = space;
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
