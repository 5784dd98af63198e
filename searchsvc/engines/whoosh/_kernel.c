/* The engine's inner loops as a Python module: segments and terms that hold their arrays.
 *
 * Python's side of it: buffers are held and their lengths compared once, when a segment is made;
 * a posting list is checked once, when its term is; a program of nested tuples becomes nodes; what
 * was found becomes tuples and bytes. The interpreter's lock is released in between. What it all
 * means is said in `kernel.py`; `portable.py` takes over where this was not compiled, and the
 * tests hold the two against each other.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "_lexicon.h"
#include "_packing.h"
#include "_search.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the arrays of a segment are little-endian"
#endif

#define SIZES INT32_MAX   /* a segment has at most so many documents */
#define DEEPEST 64        /* branches inside branches */
#define MOST_NODES 4096
#define TABLE (1 << 16)
#define IDLE_PAGES 64     /* a workspace that grew larger is not kept */

/* ---- buffers and memory of one owner -------------------------------------------------------- */

typedef struct Held {
    Py_buffer view;
    struct Held *next;
} Held;

typedef struct Chunk {
    struct Chunk *next;
    void *aligned;
} Chunk;

#define HAND 6144 /* bytes that need no memory from elsewhere: enough for most programs */

/* What a segment or a call holds until its end. */
typedef struct {
    Held *held;
    Chunk *memory;
    char *hand; /* room at hand, and what of it is used */
    size_t used;
} Holder;

static void let_go(Holder *holder) {
    while (holder->held) {
        Held *held = holder->held;
        holder->held = held->next;
        PyBuffer_Release(&held->view);
        free(held);
    }
    while (holder->memory) {
        Chunk *chunk = holder->memory;
        holder->memory = chunk->next;
        free(chunk);
    }
}

/* Give zeroed memory for some items, or NULL with an exception set. */
static void *room_for(Holder *holder, int64_t count, size_t item) {
    size_t size = (((size_t)count + 1) * item + 15) & ~(size_t)15;
    if (holder->hand && size <= HAND - holder->used) {
        void *room = holder->hand + holder->used;
        holder->used += size;
        return memset(room, 0, size);
    }
    Chunk *chunk = calloc(1, sizeof(Chunk) + size);
    if (!chunk) {
        PyErr_NoMemory();
        return NULL;
    }
    chunk->next = holder->memory;
    holder->memory = chunk;
    return chunk + 1;
}

/* Hold a buffer of items of one size; None gives NULL. Returns -1 with an exception set. */
static int hold(Holder *holder, PyObject *object, size_t item, const void *data, int64_t *count) {
    *(const void **)data = NULL;
    *count = 0;
    if (object == Py_None) return 0;
    Held *held = malloc(sizeof *held);
    if (!held) {
        PyErr_NoMemory();
        return -1;
    }
    if (PyObject_GetBuffer(object, &held->view, PyBUF_SIMPLE) < 0) {
        free(held);
        return -1;
    }
    held->next = holder->held;
    holder->held = held;
    if (held->view.len % (Py_ssize_t)item || (uintptr_t)held->view.buf % item) {
        PyErr_SetString(PyExc_ValueError, "an array has a wrong length or alignment");
        return -1;
    }
    *(const void **)data = held->view.buf;
    *count = held->view.len / (Py_ssize_t)item;
    return 0;
}

static int differ(void) {
    PyErr_SetString(PyExc_ValueError, "arrays that belong together differ in length");
    return -1;
}

/* Hold a buffer that must have exactly `wanted` items; None is allowed if `optional`. */
static int hold_exactly(Holder *holder, PyObject *object, size_t item, const void *data,
                        int64_t wanted, int optional) {
    int64_t count;
    if (hold(holder, object, item, data, &count) < 0) return -1;
    if (object == Py_None && optional) return 0;
    return object != Py_None && count == wanted ? 0 : differ();
}

/* ---- errors --------------------------------------------------------------------------------- */

static PyObject *complain(int status) {
    if (status == LATE) PyErr_SetString(PyExc_TimeoutError, "the deadline has passed");
    else if (status == NO_MEMORY) PyErr_NoMemory();
    else PyErr_SetString(PyExc_ValueError, "a posting list is damaged");
    return NULL;
}

/* Name what a caller or a file got wrong in one way: ValueError. Gives NULL. */
static PyObject *refuse(void) {
    if (PyErr_ExceptionMatches(PyExc_OverflowError))
        PyErr_SetString(PyExc_ValueError, "a number is out of range");
    else if (PyErr_ExceptionMatches(PyExc_BufferError))
        PyErr_SetString(PyExc_ValueError, "an array is not contiguous");
    return NULL;
}

static int wrong(const char *what) {
    PyErr_SetString(PyExc_ValueError, what);
    return -1;
}

/* ---- segments ------------------------------------------------------------------------------- */

typedef struct {
    PyTypeObject *segments, *terms;
} Types;

typedef struct {
    PyObject_HEAD
    Segment segment;
    Holder holder;
    Workspace *idle;
} SegmentObject;

typedef struct {
    PyObject_HEAD
    Term term;
    SegmentObject *owner;
} TermObject;

static void *allocated(PyTypeObject *type) {
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    return allocate(type, 0);
}

static void deallocate(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static int hold_arrays(Holder *holder, PyObject *parts, Field *field, int64_t *sizes) {
    const void *wanted[] = {&field->lists, &field->chunks, &field->blocks, &field->lows,
                            &field->dense, &field->dense_before, &field->bitmaps, &field->ranks,
                            &field->freqs, &field->rare_at, &field->rare_tf, &field->rare_title,
                            &field->frames, &field->widths, &field->positions};
    static const size_t items[] = {4, 2, 4, 2, 4, 4, 8, 2, 1, 4, 4, 2, 4, 1, 1};
    int count = (int)(sizeof items / sizeof *items);
    if (!PyTuple_Check(parts) || PyTuple_Size(parts) != count)
        return wrong("a field is a tuple of fifteen arrays");
    for (int i = 0; i < count; i++)
        if (hold(holder, PyTuple_GetItem(parts, i), items[i], (void *)(uintptr_t)wanted[i],
                 &sizes[i]) < 0)
            return -1;
    return 0;
}

/* Hold the arrays of a field, named as in `Field` and in its order. */
static int read_field(SegmentObject *self, PyObject *parts, Field *field) {
    int64_t sizes[15];
    if (hold_arrays(&self->holder, parts, field, sizes) < 0) return -1;
    int64_t lists = sizes[0], blocks = sizes[2] - 1, dense = sizes[4], frames = sizes[12] - 1;
    if (blocks < 0 || frames < 0 || sizes[5] != dense + 1) return differ();
    int several = self->segment.size > CHUNK;
    int64_t postings = field->blocks[blocks];
    int fits = (several ? lists > 0 && sizes[1] == blocks : lists == 0 && sizes[1] == 0) &&
               sizes[6] == dense * WORDS && sizes[7] == dense * RANKS &&
               sizes[3] + field->dense_before[dense] == postings &&
               sizes[8] == (postings + 1) / 2 && sizes[9] == sizes[10] && sizes[9] == sizes[11] &&
               frames == (postings + FRAME - 1) / FRAME && sizes[13] == frames &&
               (int64_t)field->frames[frames] + MARGIN == sizes[14];
    if (!fits) return differ();
    if (!several) field->lists = NULL;
    field->terms = several ? lists - 1 : blocks;
    field->block_count = blocks;
    field->postings = postings;
    field->lows_count = sizes[3];
    field->dense_count = dense;
    field->rares = sizes[9];
    field->positions_size = sizes[14];
    return 0;
}

static int read_fields(SegmentObject *self, PyObject *fields) {
    int64_t count = PyTuple_Size(fields);
    self->segment.fields = room_for(&self->holder, count, sizeof(Field));
    if (!self->segment.fields) return -1;
    self->segment.field_count = count;
    for (int64_t i = 0; i < count; i++)
        if (read_field(self, PyTuple_GetItem(fields, i), &self->segment.fields[i]) < 0) return -1;
    return 0;
}

/* Find the most that a nibble can be worth with the lengths that there are. */
static int read_scale(SegmentObject *self) {
    Segment *segment = &self->segment;
    uint8_t present[256] = {0};
    int64_t left = segment->size % CHUNK;
    segment->last_lengths = room_for(&self->holder, CHUNK, 1);
    if (!segment->last_lengths) return -1;
    memcpy(segment->last_lengths, segment->lengths + segment->size - left, (size_t)left);
    for (int i = 0; i < TABLE; i++)
        if (!(segment->table[i] >= 0) || isinf(segment->table[i]))
            return wrong("an impact is a number from 0 on");
    for (int64_t doc = 0; doc < segment->size; doc++) present[segment->lengths[doc]] = 1;
    for (int code = 0; code < TABLE; code++)
        if (present[code & 255] && segment->table[code] > segment->best[code >> 8])
            segment->best[code >> 8] = segment->table[code];
    for (int tf = 1; tf <= LARGEST; tf++)
        if (segment->best[tf] < segment->best[tf - 1]) segment->best[tf] = segment->best[tf - 1];
    return 0;
}

static int read_dead(SegmentObject *self, const uint8_t *dead) {
    Segment *segment = &self->segment;
    if (!dead) return 0;
    segment->dead = room_for(&self->holder, (int64_t)chunks_of(segment) * WORDS, 8);
    if (!segment->dead) return -1;
    for (int64_t doc = 0; doc < segment->size; doc++)
        if (dead[doc]) segment->dead[doc >> 6] |= (uint64_t)1 << (doc & 63);
    return 0;
}

static int read_segment(SegmentObject *self, PyObject *arguments) {
    Segment *segment = &self->segment;
    Holder *holder = &self->holder;
    Py_ssize_t size;
    const uint8_t *gone;
    PyObject *table, *lengths, *fields, *made, *tokens, *first, *last, *minute, *group, *dead;
    if (!PyArg_ParseTuple(arguments, "nOOO!(OO)(OOO)OO:Segment", &size, &table, &lengths,
                          &PyTuple_Type, &fields, &made, &tokens, &first, &last, &minute, &group,
                          &dead))
        return -1;
    if (size < 0 || size >= SIZES) return wrong("a segment has from 0 to 2^31 documents");
    segment->size = size;
    if (hold_exactly(holder, table, 4, &segment->table, TABLE, 0) < 0 ||
        hold_exactly(holder, lengths, 1, &segment->lengths, size, 0) < 0 ||
        hold_exactly(holder, made, 1, &segment->title_made, size, 0) < 0 ||
        hold_exactly(holder, tokens, 4, &segment->title_tokens, size, 0) < 0 ||
        hold_exactly(holder, first, 4, &segment->first_day, size, 0) < 0 ||
        hold_exactly(holder, last, 4, &segment->last_day, size, 0) < 0 ||
        hold_exactly(holder, minute, 8, &segment->minute, size, 0) < 0 ||
        hold_exactly(holder, group, 4, &segment->group, size, 1) < 0 ||
        hold_exactly(holder, dead, 1, &gone, size, 1) < 0)
        return -1;
    return read_fields(self, fields) < 0 || read_scale(self) < 0 || read_dead(self, gone) < 0 ? -1
                                                                                             : 0;
}

static PyObject *new_segment(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    (void)keywords;
    SegmentObject *self = allocated(type);
    if (!self) return NULL;
    if (read_segment(self, arguments) < 0) {
        Py_DECREF(self);
        return refuse();
    }
    return (PyObject *)self;
}

static void free_segment(PyObject *object) {
    SegmentObject *self = (SegmentObject *)object;
    let_go(&self->holder);
    while (self->idle) {
        Workspace *space = self->idle;
        self->idle = space->next;
        free_workspace(space);
    }
    deallocate(object);
}

/* ---- terms ---------------------------------------------------------------------------------- */

/* term(field, number): a posting list, checked */
static PyObject *give_term(PyObject *object, PyObject *const *given, Py_ssize_t count) {
    SegmentObject *self = (SegmentObject *)object;
    Types *types = PyType_GetModuleState(Py_TYPE(object));
    int64_t first, last;
    int status;
    if (count != 2) return wrong("a field and a number are required"), NULL;
    Py_ssize_t place = PyLong_AsSsize_t(given[0]), number = PyLong_AsSsize_t(given[1]);
    if (PyErr_Occurred()) return refuse();
    if (place < 0 || place >= self->segment.field_count) return wrong("there is no such field"), NULL;
    const Field *field = &self->segment.fields[place];
    if (blocks_of(field, number, &first, &last)) return complain(DAMAGED);
    TermObject *made = allocated(types->terms);
    if (!made) return NULL;
    Py_INCREF(object);
    made->owner = self;
    made->term.field = field;
    made->term.count = last - first;
    made->term.blocks = calloc((size_t)(last - first) + 1, sizeof(Block));
    if (made->term.blocks) {
        Py_BEGIN_ALLOW_THREADS
        status = make_term(&self->segment, first, &made->term);
        Py_END_ALLOW_THREADS
    } else status = NO_MEMORY;
    if (!status) return (PyObject *)made;
    Py_DECREF(made);
    return complain(status);
}

static void free_term(PyObject *object) {
    TermObject *self = (TermObject *)object;
    drop_term(&self->term);
    Py_XDECREF((PyObject *)self->owner);
    deallocate(object);
}

static PyObject *articles_of(PyObject *object, void *unused) {
    (void)unused;
    return PyLong_FromLongLong(((TermObject *)object)->term.articles);
}

/* ---- programs ------------------------------------------------------------------------------- */

typedef struct {
    SegmentObject *self;
    PyTypeObject *terms;
    Holder holder;
    Search search;
    int64_t nodes;
    _Alignas(16) char hand[HAND];
} Call;

static int tuple_of(PyObject *object) {
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

/* Read terms that have positions. */
static int read_terms(Call *call, PyObject *tuple, Node *node) {
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

static int read_weight(double weight, Node *node) {
    node->weight = (float)weight;
    return node->weight >= 0 && !isinf(node->weight) ? 0 : wrong("a weight is a number from 0 on");
}

/* (WORD, weight, term) or (TITLE, weight, terms) */
static int read_word(Call *call, PyObject *tuple, Node *node) {
    double weight = PyFloat_AsDouble(PyTuple_GetItem(tuple, 1));
    PyObject *given = PyTuple_GetItem(tuple, 2);
    if ((weight == -1 && PyErr_Occurred()) || read_weight(weight, node) < 0) return -1;
    if (node->kind == TITLE) return read_terms(call, given, node);
    node->term = read_term(call, given);
    return node->term ? 0 : -1;
}

static int read_part(Call *call, PyObject *tuple, Part *part) {
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
    if (!node->parts || read_weight(weight, node) < 0) return -1;
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
    if (!node->must || !node->order || read_weight(weight, node) < 0) return -1;
    for (int64_t i = 0; i < node->must_count; i++) {
        PyObject *term, *terms, *item = PyTuple_GetItem(items, i);
        node->must[i].kind = WORD;
        if (!tuple_of(item) || !PyArg_ParseTuple(item, "OO", &term, &terms)) return -1;
        node->must[i].term = read_term(call, term);
        if (!node->must[i].term || read_terms(call, terms, &node->must[i]) < 0) return -1;
    }
    return 0;
}

/* Values of documents: starts (or None) and ordinals. */
static int read_column(Call *call, PyObject *starts, PyObject *ordinals, Column *column) {
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

/* (SET, documents, scores or None) */
static int read_set(Call *call, PyObject *tuple, Node *node) {
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

/* Read a whole program; its root is a branch. */
static int read_program(Call *call, PyObject *program) {
    Node *root = room_for(&call->holder, 1, sizeof(Node));
    if (!root || read_node(call, program, root, 0) < 0) return -1;
    if (root->kind < ALL) return wrong("the root of a program is a branch");
    call->search.root = root;
    return 0;
}

/* ---- calls ---------------------------------------------------------------------------------- */

static int begin_call(Call *call, PyObject *object) {
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

static void end_call(Call *call) {
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

static int run_freely(Call *call) {
    int status;
    Py_BEGIN_ALLOW_THREADS
    status = run(&call->search);
    if (!status) sort_kept(&call->search);
    Py_END_ALLOW_THREADS
    if (status) complain(status);
    return status ? -1 : 0;
}

/* union(terms): one posting list of several */
static PyObject *make_union(PyObject *object, PyObject *terms) {
    Call call;
    Node node = {0};
    int status;
    TermObject *made = NULL;
    if (begin_call(&call, object) < 0) return NULL;
    if (!read_terms(&call, terms, &node)) made = allocated(call.terms);
    if (made) {
        Py_INCREF(object);
        made->owner = call.self;
        call.search.space->bitmaps.used = call.search.space->bytes.used = 0;
        call.search.space->lists.used = 0;
        Py_BEGIN_ALLOW_THREADS
        status = unite_terms(&call.self->segment, call.search.space, node.terms, node.term_count,
                             &made->term);
        Py_END_ALLOW_THREADS
        if (status) {
            Py_DECREF(made);
            made = NULL;
            complain(status);
        }
    }
    end_call(&call);
    return (PyObject *)made;
}

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

/* Read (starts or None, ordinals, number of values) of each facet. */
static int read_facets(Call *call, PyObject *facets) {
    Search *search = &call->search;
    search->facet_count = PyTuple_Size(facets);
    if (!search->facet_count) return 0;
    if (search->facet_count > MOST_NODES) return wrong("there are too many facets");
    search->facets = room_for(&call->holder, search->facet_count, sizeof(Facet));
    if (!search->facets) return -1;
    for (int64_t i = 0; i < search->facet_count; i++) {
        Facet *facet = &search->facets[i];
        PyObject *starts, *ordinals, *row = PyTuple_GetItem(facets, i);
        if (!tuple_of(row) ||
            !PyArg_ParseTuple(row, "OOi", &starts, &ordinals, &facet->column.values) ||
            read_column(call, starts, ordinals, &facet->column) < 0)
            return -1;
        if (facet->column.values < 0) return wrong("a facet has values");
        facet->counts = room_for(&call->holder, facet->column.values, sizeof(uint32_t));
        if (!facet->counts) return -1;
    }
    return 0;
}

static int read_folded(Call *call, PyObject *folded) {
    Search *search = &call->search;
    search->folding = folded != Py_None;
    if (search->folding && !search->segment->group) return wrong("the segment has no groups");
    return hold(&call->holder, folded, 4, &search->folded, &search->folded_count);
}

/* Give (key, document, score) of a hit. */
static PyObject *row_of(const Entry *entry) {
    PyObject *row = PyTuple_New(3);
    PyObject *key = PyFloat_FromDouble(entry->key), *score = PyFloat_FromDouble(entry->score);
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

static PyObject *listed(const Search *search) {
    PyObject *hits = PyList_New((Py_ssize_t)search->kept_count);
    for (int64_t i = 0; hits && i < search->kept_count; i++) {
        PyObject *row = row_of(&search->space->kept[i]);
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
    Bucket *buckets = room_for(&call->holder, facet->column.values, sizeof(Bucket));
    int64_t count = 0;
    if (!buckets) return NULL;
    for (int32_t i = 0; i < facet->column.values; i++)
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

static PyObject *answered(Call *call) {
    Search *search = &call->search;
    PyObject *hits = listed(search), *facets = PyList_New((Py_ssize_t)search->facet_count);
    for (int64_t i = 0; hits && facets && i < search->facet_count; i++) {
        PyObject *rows = counted(call, &search->facets[i]);
        if (!rows || PyList_SetItem(facets, (Py_ssize_t)i, rows) < 0) {
            Py_DECREF(facets);
            facets = NULL;
        }
    }
    if (hits && facets) return Py_BuildValue("LNN", (long long)search->total, hits, facets);
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

/* search(program, order, key, number, wanted, folded, facets, deadline) */
static PyObject *search_segment(PyObject *object, PyObject *const *given, Py_ssize_t count) {
    Call call;
    PyObject *result = NULL;
    if (count != 8 || !PyTuple_Check(given[6])) {
        PyErr_SetString(PyExc_TypeError, "a search takes eight arguments, facets as a tuple");
        return NULL;
    }
    if (begin_call(&call, object) < 0) return NULL;
    if (!read_numbers(&call.search, given) && !read_program(&call, given[0]) &&
        !read_folded(&call, given[5]) && !read_facets(&call, given[6]) && !run_freely(&call))
        result = answered(&call);
    end_call(&call);
    return result ? result : refuse();
}

/* matching(program, deadline): all documents that match, with their scores */
static PyObject *match_segment(PyObject *object, PyObject *arguments) {
    Call call;
    Search *search = &call.search;
    PyObject *program, *result = NULL;
    if (begin_call(&call, object) < 0) return NULL;
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

/* groups_until(program, order, key, number, deadline): the groups of what is not after a place */
static PyObject *collect_groups(PyObject *object, PyObject *arguments) {
    Call call;
    Search *search = &call.search;
    PyObject *program, *result = NULL;
    if (begin_call(&call, object) < 0) return NULL;
    search->wanted = -1;
    search->folding = search->collecting = 1;
    if (PyArg_ParseTuple(arguments, "OidO&d", &program, &search->order, &search->after_key,
                         clamped, &search->after_doc, &search->clock.deadline)) {
        if (!search->segment->group || search->order < -1 || search->order > 1)
            wrong("the segment has no groups, or there is no such order");
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

/* ---- positions ------------------------------------------------------------------------------ */

typedef struct {
    int64_t *keys; /* document << 32 | position */
    int64_t count, room;
} Keys;

static int add_positions(Search *search, Block *block, uint32_t low, int32_t doc, Keys *keys) {
    uint32_t some[64];
    Place place;
    if (locate(block, block->first + (uint32_t)place_of(block, low), &place)) return DAMAGED;
    if (keys->count + place.count > keys->room) {
        int64_t room = 2 * (keys->count + place.count) + 64;
        int64_t *grown = realloc(keys->keys, (size_t)room * sizeof(int64_t));
        if (!grown) return NO_MEMORY;
        keys->keys = grown;
        keys->room = room;
    }
    while (place.count) {
        uint32_t part = place.count < 64 ? place.count : 64;
        unpack(block->field, &place, part, some);
        for (uint32_t i = 0; i < part; i++)
            keys->keys[keys->count++] = (int64_t)doc << 32 | some[i];
        place.count -= part;
    }
    return late(&search->clock, 1) ? LATE : FINE;
}

static int positions_of(Search *search, const Term *term, const int32_t *docs, int64_t count,
                        Keys *keys) {
    Block block = {0};
    int64_t at = 0;
    int status = FINE;
    for (int64_t i = 0; i < count && !status; i++) {
        uint32_t chunk = (uint32_t)docs[i] >> 16, low = (uint32_t)docs[i] & 0xFFFF;
        while (at < term->count && term->blocks[at].chunk < chunk) at++;
        if (at == term->count) return FINE;
        if (term->blocks[at].chunk != chunk) continue;
        if (!block.field || block.chunk != chunk) block = term->blocks[at];
        if (has(&block, low))
            status = add_positions(search, &block, low, docs[i], keys);
    }
    return status;
}

static PyObject *keys_of(Call *call, const Term *term, const int32_t *docs, int64_t count) {
    Keys keys = {0};
    int status;
    PyObject *found = NULL;
    Py_BEGIN_ALLOW_THREADS
    status = positions_of(&call->search, term, docs, count, &keys);
    Py_END_ALLOW_THREADS
    if (!status)
        found = PyBytes_FromStringAndSize((const char *)keys.keys,
                                          (Py_ssize_t)(keys.count * (int64_t)sizeof(int64_t)));
    free(keys.keys);
    return status ? complain(status) : found;
}

static PyObject *every_keys(Call *call, PyObject *terms, PyObject *given) {
    Node node = {0}, set = {0};
    set.kind = SET;
    PyObject *tuple = Py_BuildValue("iOO", SET, given, Py_None), *found = NULL;
    if (tuple && !read_terms(call, terms, &node) && !read_set(call, tuple, &set))
        found = PyList_New((Py_ssize_t)node.term_count);
    for (int64_t i = 0; found && i < node.term_count; i++) {
        PyObject *keys = keys_of(call, node.terms[i], set.docs, set.doc_count);
        if (keys && !PyList_SetItem(found, (Py_ssize_t)i, keys)) continue;
        Py_DECREF(found);
        found = NULL;
    }
    Py_XDECREF(tuple);
    return found;
}

/* positions(terms, docs, deadline): for each term, where it stands in the documents */
static PyObject *find_positions(PyObject *object, PyObject *arguments) {
    Call call;
    PyObject *terms, *docs, *result = NULL;
    if (begin_call(&call, object) < 0) return NULL;
    if (PyArg_ParseTuple(arguments, "OOd", &terms, &docs, &call.search.clock.deadline))
        result = every_keys(&call, terms, docs);
    end_call(&call);
    return result ? result : refuse();
}

/* ---- what is left of terms after deletions -------------------------------------------------- */

static int lives(const Segment *segment, const Block *block) {
    const uint64_t *dead = segment->dead + (int64_t)block->chunk * WORDS;
    if (block->lows) {
        for (int32_t i = 0; i < block->count; i++)
            if (!has_bit(dead, block->lows[i])) return 1;
        return 0;
    }
    for (int word = 0; word < WORDS; word++)
        if (block->bits[word] & ~dead[word]) return 1;
    return 0;
}

static int term_lives(const Segment *segment, const Field *field, int64_t number, uint8_t *found) {
    int64_t first, last;
    Block block;
    int status = blocks_of(field, number, &first, &last);
    *found = !segment->dead;
    for (; first < last && !status && !*found; first++) {
        status = open_block(field, first, &block);
        if (!status && block.chunk >= (uint32_t)chunks_of(segment)) status = DAMAGED;
        if (!status) *found = (uint8_t)lives(segment, &block);
    }
    return status;
}

/* living((field, low, high, numbers)): for each term whether a living document has it */
static PyObject *find_living(PyObject *object, PyObject *tuple) {
    Call call;
    Part part = {0};
    PyObject *result = NULL;
    if (begin_call(&call, object) < 0) return NULL;
    if (!read_part(&call, tuple, &part)) {
        int64_t count = part.high > part.low ? part.high - part.low : 0;
        result = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)count);
        for (int64_t i = 0; result && i < count; i++) {
            int64_t number = part.numbers ? part.numbers[i] : part.low + i;
            uint8_t *found = (uint8_t *)PyBytes_AsString(result) + i;
            int status = term_lives(&call.self->segment, part.field, number, found);
            if (!status) continue;
            Py_CLEAR(result);
            complain(status);
        }
    }
    end_call(&call);
    return result ? result : refuse();
}

/* ---- the module ----------------------------------------------------------------------------- */

static PyMethodDef segment_methods[] = {
    {"term", (PyCFunction)(void (*)(void))give_term, METH_FASTCALL, "Check a posting list."},
    {"union", make_union, METH_O, "Make one posting list of several."},
    {"search", (PyCFunction)(void (*)(void))search_segment, METH_FASTCALL,
      "Count what matches and give the best of it."},
    {"matching", match_segment, METH_VARARGS, "Give all documents that match."},
    {"groups_until", collect_groups, METH_VARARGS, "Give the groups of what is not after a place."},
    {"living", find_living, METH_O, "Tell which terms a living document has."},
    {"positions", find_positions, METH_VARARGS, "Give where terms stand in documents."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot segment_slots[] = {
    {Py_tp_new, new_segment},
    {Py_tp_dealloc, free_segment},
    {Py_tp_methods, segment_methods},
    {Py_tp_doc, "The arrays of a segment, held and checked."},
    {0, NULL},
};

static PyType_Spec segment_spec = {
    "searchsvc.engines.whoosh._kernel.Segment", sizeof(SegmentObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, segment_slots,
};

static PyGetSetDef term_members[] = {
    {"articles", articles_of, NULL, "How many documents have the term.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot term_slots[] = {
    {Py_tp_dealloc, free_term},
    {Py_tp_getset, term_members},
    {Py_tp_doc, "A posting list that was checked."},
    {0, NULL},
};

static PyType_Spec term_spec = {
    "searchsvc.engines.whoosh._kernel.Term", sizeof(TermObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, term_slots,
};

static int fill_module(PyObject *module) {
    Types *types = PyModule_GetState(module);
#if defined(__x86_64__) && defined(__GNUC__)
    if (!__builtin_cpu_supports("popcnt") || !__builtin_cpu_supports("ssse3")) {
        PyErr_SetString(PyExc_ImportError, "the processor is too old");
        return -1;
    }
#endif
    types->segments = (PyTypeObject *)PyType_FromModuleAndSpec(module, &segment_spec, NULL);
    types->terms = (PyTypeObject *)PyType_FromModuleAndSpec(module, &term_spec, NULL);
    if (!types->segments || !types->terms) return -1;
    return PyModule_AddType(module, types->segments) < 0 || PyModule_AddType(module, types->terms) < 0
               ? -1 : 0;
}

static int visit_types(PyObject *module, visitproc visit, void *arg) {
    Types *types = PyModule_GetState(module);
    Py_VISIT(types->segments);
    Py_VISIT(types->terms);
    return 0;
}

static int clear_types(PyObject *module) {
    Types *types = PyModule_GetState(module);
    Py_CLEAR(types->segments);
    Py_CLEAR(types->terms);
    return 0;
}

static PyMethodDef functions[] = {
    {"find", find_key, METH_VARARGS, "Find a string in a sorted list of strings."},
    {"keys", list_keys, METH_VARARGS, "List a range of a sorted list of strings."},
    {"pack", pack_postings, METH_VARARGS, "Pack frequencies and positions."},
    {"unpack", unpack_postings, METH_VARARGS, "Unpack frequencies and positions."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill_module}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernel", NULL, sizeof(Types), functions, slots, visit_types,
    clear_types, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&definition); }
