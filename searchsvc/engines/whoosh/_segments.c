#include "_segments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the arrays of a segment are little-endian"
#endif

#define SIZES INT32_MAX /* a segment has at most so many documents */
#define TABLE (1 << 16)
#define ARRAYS 16 /* of a field */

void *allocated(PyTypeObject *type) {
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    return allocate(type, 0);
}

void deallocate(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static int hold_arrays(Holder *holder, PyObject *parts, Field *field, int64_t *sizes) {
    const void *wanted[] = {&field->lists, &field->chunks, &field->blocks, &field->lows,
                            &field->large, &field->large_before, &field->large_at,
                            &field->large_near, &field->words, &field->freqs, &field->rare_at, &field->rare_tf,
                            &field->rare_title, &field->frames, &field->widths,
                            &field->positions};
    static const size_t items[ARRAYS] = {4, 2, 4, 2, 4, 4, 4, 4, 8, 1, 4, 4, 2, 4, 1, 1};
    if (!PyTuple_Check(parts) || PyTuple_Size(parts) != ARRAYS)
        return wrong("a field is a tuple of sixteen arrays");
    for (int i = 0; i < ARRAYS; i++)
        if (hold(holder, PyTuple_GetItem(parts, i), items[i], (void *)(uintptr_t)wanted[i],
                 &sizes[i]) < 0)
            return -1;
    return 0;
}

/* Hold the arrays of a field, named as in `Field` and in its order. */
static int read_field(SegmentObject *self, PyObject *parts, Field *field) {
    int64_t sizes[ARRAYS];
    if (hold_arrays(&self->holder, parts, field, sizes) < 0) return -1;
    int64_t lists = sizes[0], blocks = sizes[2] - 1, large = sizes[4], frames = sizes[13] - 1;
    if (blocks < 0 || frames < 0 || sizes[5] != large + 1 || sizes[6] != large + 1) return differ();
    int several = self->segment.size > CHUNK;
    int64_t postings = field->blocks[blocks];
    int fits = (several ? lists > 0 && sizes[1] == blocks : lists == 0 && sizes[1] == 0) &&
               sizes[7] == blocks / NEAR + 1 &&
               sizes[8] == (int64_t)field->large_at[large] + SHELF_ROOM / 8 &&
               sizes[3] + field->large_before[large] == postings &&
               sizes[9] == (postings + 1) / 2 && sizes[10] == sizes[11] && sizes[10] == sizes[12] &&
               frames == (postings + FRAME - 1) / FRAME && sizes[14] == frames &&
               (int64_t)field->frames[frames] + MARGIN == sizes[15];
    if (!fits) return differ();
    if (!several) field->lists = NULL;
    field->terms = several ? lists - 1 : blocks;
    field->block_count = blocks;
    field->postings = postings;
    field->lows_count = sizes[3];
    field->large_count = large;
    field->word_count = field->large_at[large];
    field->rares = sizes[10];
    field->positions_size = sizes[15];
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
    segment->rising = 1;
    for (int code = 256; code < TABLE; code++)
        if (segment->table[code] < segment->table[code - 256]) segment->rising = 0;
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

PyObject *new_segment(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    (void)keywords;
    SegmentObject *self = allocated(type);
    if (!self) return NULL;
    if (read_segment(self, arguments) < 0) {
        Py_DECREF(self);
        return refuse();
    }
    return (PyObject *)self;
}

static void free_idle(Workspace *space) {
    while (space) {
        Workspace *next = space->next;
        free_workspace(space);
        space = next;
    }
}

void free_segment(PyObject *object) {
    SegmentObject *self = (SegmentObject *)object;
    let_go(&self->holder);
    free_idle(self->idle);
    deallocate(object);
}

/* ---- terms ---------------------------------------------------------------------------------- */

PyObject *give_term(PyObject *object, PyObject *const *given, Py_ssize_t count) {
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

void free_term(PyObject *object) {
    TermObject *self = (TermObject *)object;
    drop_term(&self->term);
    Py_XDECREF((PyObject *)self->owner);
    Py_XDECREF(self->whole);
    deallocate(object);
}

PyObject *articles_of(PyObject *object, void *unused) {
    (void)unused;
    return PyLong_FromLongLong(((TermObject *)object)->term.articles);
}

/* ---- segments that are searched as one ------------------------------------------------------ */

static int take_segments(WholeObject *self, PyObject *segments, const Types *types) {
    int64_t count = PyTuple_Size(segments);
    self->owners = calloc((size_t)count + 1, sizeof(SegmentObject *));
    self->segments = calloc((size_t)count + 1, sizeof(Segment *));
    if (!self->owners || !self->segments) {
        PyErr_NoMemory();
        return -1;
    }
    for (; self->count < count; self->count++) {
        PyObject *segment = PyTuple_GetItem(segments, self->count);
        if (Py_TYPE(segment) != types->segments) {
            PyErr_SetString(PyExc_TypeError, "a whole is made of segments");
            return -1;
        }
        Py_INCREF(segment);
        self->owners[self->count] = (SegmentObject *)segment;
        self->segments[self->count] = &self->owners[self->count]->segment;
        self->size += self->segments[self->count]->size;
    }
    return self->size < SIZES ? 0 : wrong("a whole has from 0 to 2^31 documents");
}

PyObject *new_whole(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    PyObject *segments;
    (void)keywords;
    if (!PyArg_ParseTuple(arguments, "O!:Whole", &PyTuple_Type, &segments)) return NULL;
    WholeObject *self = allocated(type);
    if (!self || !take_segments(self, segments, PyType_GetModuleState(type))) return (PyObject *)self;
    Py_DECREF(self);
    return NULL;
}

void free_whole(PyObject *object) {
    WholeObject *self = (WholeObject *)object;
    for (int64_t i = 0; i < self->count; i++) Py_DECREF((PyObject *)self->owners[i]);
    free(self->owners);
    free(self->segments);
    free_idle(self->idle);
    deallocate(object);
}
