/* Segments and terms as Python's objects: a segment holds its arrays, a term its posting list, and
 * a whole holds the segments that are searched as one. */

#ifndef SEGMENTS_H
#define SEGMENTS_H

#include "_holding.h"
#include "_search.h"

typedef struct {
    PyTypeObject *segments, *terms, *typed, *wholes;
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
    PyObject *whole; /* of a word in titles: the word, or NULL */
} TermObject;

typedef struct {
    PyObject_HEAD
    SegmentObject **owners;
    const Segment **segments;
    int64_t count, size; /* of segments, and of their documents */
    Workspace *idle;
} WholeObject;

/* Give a new object, nought all over, or NULL with an exception set. */
void *allocated(PyTypeObject *type);

/* Let go of an object that holds nothing any more. */
void deallocate(PyObject *self);

PyObject *new_segment(PyTypeObject *type, PyObject *arguments, PyObject *keywords);
void free_segment(PyObject *object);

/* term(field, number): a posting list, checked */
PyObject *give_term(PyObject *object, PyObject *const *given, Py_ssize_t count);
void free_term(PyObject *object);
PyObject *articles_of(PyObject *object, void *unused);

/* Whole(segments): several segments, searched as one */
PyObject *new_whole(PyTypeObject *type, PyObject *arguments, PyObject *keywords);
void free_whole(PyObject *object);

#endif
