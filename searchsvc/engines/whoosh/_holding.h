/* What a segment or a call holds until its end: buffers and memory; and the errors of both. */

#ifndef HOLDING_H
#define HOLDING_H

#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN
#endif
#include <Python.h>

#include <stdint.h>

#include "_postings.h"

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


/* Let go of everything. */
void let_go(Holder *holder);

/* Give zeroed memory for some items, or NULL with an exception set. */
void *room_for(Holder *holder, int64_t count, size_t item);

/* Hold a buffer of items of one size; None gives NULL. Returns -1 with an exception set. */
int hold(Holder *holder, PyObject *object, size_t item, const void *data, int64_t *count);

/* Hold a buffer of signed numbers of one, two or four bytes, which it tells. */
int hold_numbers(Holder *holder, PyObject *object, const void *data, int *width, int64_t *count);

/* Hold a buffer that must have exactly `wanted` items; None is allowed if `optional`. */
int hold_exactly(Holder *holder, PyObject *object, size_t item, const void *data, int64_t wanted,
                 int optional);

/* Say that arrays do not fit each other. Gives -1. */
int differ(void);

/* Raise what a status other than FINE stands for. Gives NULL. */
PyObject *complain(int status);

/* Name what a caller or a file got wrong in one way: ValueError. Gives NULL. */
PyObject *refuse(void);

/* Raise a ValueError. Gives -1. */
int wrong(const char *what);

#endif
