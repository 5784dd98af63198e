/* Typed words as Python's objects: the blocks of all their terms, opened once.
 *
 * In: terms of fields, by number. A word is asked for again and again, and each time its lists
 * would have to be found anew. They are kept by chunk, 32 bytes each; what they hold is not read
 * here, nor checked.
 */

#include <stdlib.h>
#include <string.h>

#include "_calls.h"
#include "_summing.h"
#include "_typed.h"

#define RARER 2048 /* related words with at most so many postings become one list */

/* Lists in the order in which they are found. */
typedef struct {
    List *lists;
    int64_t count, room, summed; /* and postings of those that are added up */
} Gathered;

/* Tell whether a related word is rare enough to be added up with others. */
static int sum_or_not(Gathered *gathered, const Field *field, int64_t first, int64_t last) {
    int64_t postings = (int64_t)field->blocks[last] - field->blocks[first];
    if (postings < 0 || postings > RARER || gathered->summed > MOST_SUMMED - postings) return RELATED;
    gathered->summed += postings;
    return SUMMED;
}

static int gather(Gathered *gathered, const Block *block, int stream) {
    if (gathered->count == gathered->room) {
        int64_t room = 2 * gathered->room + 32;
        List *grown = realloc(gathered->lists, (size_t)room * sizeof(List));
        if (!grown) return NO_MEMORY;
        gathered->lists = grown;
        gathered->room = room;
    }
    const void *docs = block->lows ? (const void *)block->lows : block->bits;
    gathered->lists[gathered->count++] = (List){docs ? docs : block->rack, block->ranks, block->first,
                                                block->count, (uint16_t)block->chunk,
                                                (uint8_t)stream, block->rack != NULL};
    return FINE;
}

static int gather_term(Gathered *gathered, const Segment *segment, const Field *field,
                       int64_t number, int stream) {
    int64_t at, last;
    Block block;
    int status = blocks_of(field, number, &at, &last);
    if (!status && stream == RELATED) stream = sum_or_not(gathered, field, at, last);
    for (; !status && at < last; at++) {
        if ((int64_t)chunk_of(field, at) >= chunks_of(segment)) return DAMAGED;
        status = open_block(field, at, &block);
        if (!status && block.count) status = gather(gathered, &block, stream);
    }
    return status;
}

/* Sort lists by chunk; within one they stay in their order. */
static int lay_by_chunk(const Gathered *gathered, const Segment *segment, Listed *listed) {
    int64_t chunks = chunks_of(segment);
    listed->lists = calloc((size_t)gathered->count + 1, sizeof(List));
    listed->starts = calloc((size_t)chunks + 2, sizeof(int64_t));
    if (!listed->lists || !listed->starts) return NO_MEMORY;
    int64_t *next = listed->starts + 1;
    for (int64_t i = 0; i < gathered->count; i++)
        if (gathered->lists[i].chunk + 1 < chunks) next[gathered->lists[i].chunk + 1]++;
    for (int64_t i = 1; i < chunks; i++) next[i] += next[i - 1];
    for (int64_t i = 0; i < gathered->count; i++)
        listed->lists[next[gathered->lists[i].chunk]++] = gathered->lists[i];
    return FINE;
}

static int open_words(const Segment *segment, const Part *const *streams, int64_t number,
                      Listed *listed) {
    Gathered gathered = {0};
    int status = FINE;
    for (int stream = 0; stream < STREAMS; stream++) {
        const Part *part = &streams[stream][number];
        listed->fields[stream] = part->field;
        for (int64_t i = part->low; i < part->high && !status; i++)
            status = gather_term(&gathered, segment, part->field,
                                 part->numbers ? part->numbers[i] : i, stream);
    }
    if (!status) status = lay_by_chunk(&gathered, segment, listed);
    if (!status) status = sum_lists(listed, chunks_of(segment));
    free(gathered.lists);
    return status;
}

/* (part, …): the terms of a word in each segment */
static const Part *read_parts(Call *call, PyObject *tuple) {
    if (!one_each(call, tuple)) return NULL;
    Part *parts = room_for(&call->holder, call->owner_count, sizeof(Part));
    for (int64_t i = 0; parts && i < call->owner_count; i++) {
        call->self = call->owners[i];
        if (read_part(call, PyTuple_GetItem(tuple, i), &parts[i]) < 0) return NULL;
    }
    return parts;
}

static int read_weights(PyObject *const *given, Typed *typed) {
    float *weights[] = {&typed->form, &typed->related, &typed->lead, &typed->close};
    for (int i = 0; i < 4; i++) {
        double weight = PyFloat_AsDouble(given[i]);
        if ((weight == -1 && PyErr_Occurred()) || read_weight(weight, weights[i]) < 0) return -1;
    }
    return 0;
}

static int fill(Call *call, PyObject *const *given, TypedObject *made) {
    const Part *streams[STREAMS];
    int status = FINE;
    made->typed.segments = calloc((size_t)call->owner_count + 1, sizeof(Listed));
    if (!made->typed.segments) return PyErr_NoMemory(), -1;
    for (int i = 0; i < STREAMS; i++)
        if (!(streams[i] = read_parts(call, given[i]))) return -1;
    if (read_weights(given + STREAMS, &made->typed) < 0) return -1;
    Py_BEGIN_ALLOW_THREADS
    for (int64_t i = 0; i < call->owner_count && !status; i++)
        status = open_words(&call->owners[i]->segment, streams, i, &made->typed.segments[i]);
    Py_END_ALLOW_THREADS
    if (status) complain(status);
    return status ? -1 : 0;
}

PyObject *type_word(PyObject *object, PyObject *const *given, Py_ssize_t count) {
    Types *types = PyType_GetModuleState(Py_TYPE(object));
    Call call;
    if (count != STREAMS + 4) {
        PyErr_SetString(PyExc_TypeError, "a typed word takes seven arguments");
        return NULL;
    }
    TypedObject *made = allocated(types->typed);
    if (!made) return NULL;
    Py_INCREF(object);
    made->owner = (WholeObject *)object;
    if (begin_search(&call, object) < 0) {
        Py_DECREF(made);
        return NULL;
    }
    int status = fill(&call, given, made);
    end_call(&call);
    if (!status) return (PyObject *)made;
    Py_DECREF(made);
    return refuse();
}

void free_typed(PyObject *object) {
    TypedObject *self = (TypedObject *)object;
    for (int64_t i = 0; self->typed.segments && i < self->owner->count; i++) {
        free(self->typed.segments[i].lists);
        free(self->typed.segments[i].starts);
        free(self->typed.segments[i].own);
    }
    free(self->typed.segments);
    Py_XDECREF((PyObject *)self->owner);
    deallocate(object);
}

PyObject *lists_of(PyObject *object, void *unused) {
    TypedObject *self = (TypedObject *)object;
    int64_t count = 0;
    (void)unused;
    for (int64_t i = 0; i < self->owner->count; i++) {
        const Listed *listed = &self->typed.segments[i];
        count += listed->starts[chunks_of(self->owner->segments[i])];
        count += (int64_t)(listed->size / sizeof(List));
    }
    return PyLong_FromLongLong(count);
}
