/* Typed words as Python's objects. */

#ifndef TYPED_H
#define TYPED_H

#include "_second_pass.h"
#include "_segments.h"

typedef struct {
    PyObject_HEAD
    Typed typed;
    WholeObject *owner;
} TypedObject;

/* typed(lemmas, form, related, weights of form, related words, lead, window), of a whole */
PyObject *type_word(PyObject *object, PyObject *const *given, Py_ssize_t count);
void free_typed(PyObject *object);

/* How many lists of postings it holds. */
PyObject *lists_of(PyObject *object, void *unused);

#endif
