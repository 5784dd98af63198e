/* Programs: nested tuples that become nodes, for one call of a segment or a whole. */

#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "_segments.h"

#define MOST_NODES 4096

/* What one call has read, and what it holds until its end. */
typedef struct {
    SegmentObject *self; /* whose terms and numbers are being read */
    SegmentObject *const *owners;
    int64_t owner_count, size; /* of segments, and of their documents */
    Workspace **idle;
    PyTypeObject *terms, *typed;
    Holder holder;
    Search search;
    int64_t nodes;
    _Alignas(16) char hand[HAND];
} Call;

/* Begin a call of a segment. Returns -1 with an exception set; `end_call` only after success. */
int begin_call(Call *call, PyObject *object);

/* The same of a whole. */
int begin_search(Call *call, PyObject *object);
void end_call(Call *call);

/* Search without the interpreter's lock. Returns -1 with an exception set. */
int run_freely(Call *call);

/* Tell whether an object is a tuple; an exception is set where not. */
int tuple_of(PyObject *object);

/* Read a whole program; its root is a branch. As all that follow: -1 with an exception set. */
int read_program(Call *call, PyObject *program);

/* Read a term of the segment; NULL with an exception set. */
const Term *read_term(Call *call, PyObject *object);

/* Read terms that have positions. */
int read_terms(Call *call, PyObject *tuple, Node *node);

/* A weight is a number from 0 on. */
int read_weight(double given, float *weight);

/* (field, low, high, numbers or None) */
int read_part(Call *call, PyObject *tuple, Part *part);

/* Tell whether an object is a tuple with an item for each segment; an exception is set where not. */
int one_each(const Call *call, PyObject *object);

/* Values of a segment's documents: starts (or None) and ordinals. */
int read_column(Call *call, PyObject *starts, PyObject *ordinals, Column *column);

/* (SET, documents, scores or None) */
int read_set(Call *call, PyObject *tuple, Node *node);

#endif
