#include "_holding.h"

#include <stdlib.h>
#include <string.h>

void let_go(Holder *holder) {
    for (; holder->held; holder->held = holder->held->next) PyBuffer_Release(&holder->held->view);
    while (holder->memory) {
        Chunk *chunk = holder->memory;
        holder->memory = chunk->next;
        free(chunk);
    }
}

void *room_for(Holder *holder, int64_t count, size_t item) {
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

/* Hold a buffer, or nothing for None. Gives NULL with an exception set where it cannot be. */
static Held *held_buffer(Holder *holder, PyObject *object) {
    Held *held = room_for(holder, 1, sizeof *held);
    if (!held || PyObject_GetBuffer(object, &held->view, PyBUF_SIMPLE) < 0) return NULL;
    held->next = holder->held;
    holder->held = held;
    return held;
}

static int take_items(const Held *held, size_t item, const void *data, int64_t *count) {
    if (held->view.len % (Py_ssize_t)item || (uintptr_t)held->view.buf % item) {
        PyErr_SetString(PyExc_ValueError, "an array has a wrong length or alignment");
        return -1;
    }
    *(const void **)data = held->view.buf;
    *count = held->view.len / (Py_ssize_t)item;
    return 0;
}

int hold(Holder *holder, PyObject *object, size_t item, const void *data, int64_t *count) {
    *(const void **)data = NULL;
    *count = 0;
    if (object == Py_None) return 0;
    Held *held = held_buffer(holder, object);
    return held ? take_items(held, item, data, count) : -1;
}

int hold_numbers(Holder *holder, PyObject *object, const void *data, int *width, int64_t *count) {
    *(const void **)data = NULL;
    *count = 0;
    *width = 4;
    if (object == Py_None) return 0;
    Held *held = held_buffer(holder, object);
    if (!held) return -1;
    *width = (int)held->view.itemsize;
    if (*width != 1 && *width != 2 && *width != 4) return wrong("an array has numbers of a wrong size");
    return take_items(held, (size_t)*width, data, count);
}

int differ(void) {
    PyErr_SetString(PyExc_ValueError, "arrays that belong together differ in length");
    return -1;
}

int hold_exactly(Holder *holder, PyObject *object, size_t item, const void *data,
                        int64_t wanted, int optional) {
    int64_t count;
    if (hold(holder, object, item, data, &count) < 0) return -1;
    if (object == Py_None && optional) return 0;
    return object != Py_None && count == wanted ? 0 : differ();
}

/* ---- errors --------------------------------------------------------------------------------- */

PyObject *complain(int status) {
    if (status == LATE) PyErr_SetString(PyExc_TimeoutError, "the deadline has passed");
    else if (status == NO_MEMORY) PyErr_NoMemory();
    else PyErr_SetString(PyExc_ValueError, "a posting list is damaged");
    return NULL;
}

PyObject *refuse(void) {
    if (PyErr_ExceptionMatches(PyExc_OverflowError))
        PyErr_SetString(PyExc_ValueError, "a number is out of range");
    else if (PyErr_ExceptionMatches(PyExc_BufferError))
        PyErr_SetString(PyExc_ValueError, "an array is not contiguous");
    return NULL;
}

int wrong(const char *what) {
    PyErr_SetString(PyExc_ValueError, what);
    return -1;
}
