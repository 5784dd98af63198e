#include <math.h>
#include <stdlib.h>

#include "_calls.h"

/* Make one term of several: their union, or, given that, where they stand in titles. */
static PyObject *make_one(PyObject *object, PyObject *terms, PyObject *whole) {
    Call call;
    Node node = {0};
    int status;
    TermObject *made = NULL;
    if (begin_call(&call, object) < 0) return NULL;
    const Term *united = whole ? read_term(&call, whole) : NULL;
    if ((united || !whole) && !read_terms(&call, terms, &node)) made = allocated(call.terms);
    if (made) {
        Py_INCREF(object);
        made->owner = call.self;
        made->whole = Py_XNewRef(whole);
        made->term.whole = united;
        call.search.clock.deadline = INFINITY;
        call.search.space->bitmaps.used = call.search.space->bytes.used = 0;
        call.search.space->lists.used = 0;
        Py_BEGIN_ALLOW_THREADS
        status = whole ? make_titled(&call.search, node.terms, node.term_count, &made->term)
                        : unite_terms(&call.self->segment, call.search.space, node.terms,
                                      node.term_count, &made->term);
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

PyObject *make_union(PyObject *object, PyObject *terms) { return make_one(object, terms, NULL); }

PyObject *make_in_titles(PyObject *object, PyObject *const *given, Py_ssize_t count) {
    if (count == 2) return make_one(object, given[0], given[1]);
    PyErr_SetString(PyExc_TypeError, "terms and their union are required");
    return NULL;
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
    if (late(&search->clock, place.count)) return LATE;
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
    return FINE;
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

PyObject *find_positions(PyObject *object, PyObject *arguments) {
    Call call;
    PyObject *terms, *docs, *result = NULL;
    if (begin_call(&call, object) < 0) return NULL;
    if (PyArg_ParseTuple(arguments, "OOd", &terms, &docs, &call.search.clock.deadline))
        result = every_keys(&call, terms, docs);
    end_call(&call);
    return result ? result : refuse();
}

/* ---- what is left of terms after deletions -------------------------------------------------- */

static int32_t living_of(const Segment *segment, const Block *block) {
    if (!segment->dead) return block->count;
    const uint64_t *dead = segment->dead + (int64_t)block->chunk * WORDS;
    int32_t count = 0;
    if (block->lows)
        for (int32_t i = 0; i < block->count; i++) count += !has_bit(dead, block->lows[i]);
    else
        for (int word = 0; word < WORDS; word++) count += popcount(block->bits[word] & ~dead[word]);
    return count;
}

static int count_living(const Segment *segment, const Field *field, int64_t number, int32_t *count) {
    int64_t first, last;
    uint16_t room[SPARSE + SHELF_ROOM];
    Block block;
    int status = blocks_of(field, number, &first, &last);
    for (*count = 0; first < last && !status; first++) {
        status = open_listed(field, first, room, &block);
        if (!status && block.chunk >= (uint32_t)chunks_of(segment)) status = DAMAGED;
        if (!status) *count += living_of(segment, &block);
    }
    return status;
}

static int count_every_living(const Segment *segment, const Part *part, int32_t *counts) {
    int status = FINE;
    for (int64_t at = part->low; at < part->high && !status; at++)
        status = count_living(segment, part->field, part->numbers ? part->numbers[at] : at,
                              counts + (at - part->low));
    return status;
}

PyObject *find_living(PyObject *object, PyObject *tuple) {
    Call call;
    Part part = {0};
    PyObject *result = NULL;
    if (begin_call(&call, object) < 0) return NULL;
    if (!read_part(&call, tuple, &part)) {
        int status;
        int64_t count = part.high > part.low ? part.high - part.low : 0;
        result = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)count * 4);
        int32_t *counts = result ? (int32_t *)PyBytes_AsString(result) : NULL;
        if (counts) {
            Py_BEGIN_ALLOW_THREADS
            status = count_every_living(&call.self->segment, &part, counts);
            Py_END_ALLOW_THREADS
            if (status) {
                Py_CLEAR(result);
                complain(status);
            }
        }
    }
    end_call(&call);
    return result ? result : refuse();
}
