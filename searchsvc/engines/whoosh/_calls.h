/* What a segment and a whole can be asked, as methods of Python's objects. */

#ifndef CALLS_H
#define CALLS_H

#include "_programs.h"

/* Of a whole: */

/* search(program, order, key, number, wanted, folded, facets, deadline) */
PyObject *search_whole(PyObject *object, PyObject *const *given, Py_ssize_t count);

/* search_twice(program, first, shown, facets, words, measures, fresh, deadline) */
PyObject *search_twice(PyObject *object, PyObject *const *given, Py_ssize_t count);

/* Read (number of values, (column of a segment or None, …)) of each facet. */
int read_facets(Call *call, PyObject *facets);

/* List the hits that were kept, as (key, number, score). */
PyObject *listed(const Search *search);

/* List the counts of each facet. */
PyObject *counted_facets(Call *call);

/* matching(program, deadline): all documents that match, with their scores */
PyObject *match_whole(PyObject *object, PyObject *arguments);

/* groups_until(program, order, key, number, deadline): the groups of what is not after a place */
PyObject *collect_groups(PyObject *object, PyObject *arguments);

/* Of a segment: */

/* union(terms): one posting list of several */
PyObject *make_union(PyObject *object, PyObject *terms);

/* in_titles(terms, their union): where any of them stands in a title, as one posting list */
PyObject *make_in_titles(PyObject *object, PyObject *const *given, Py_ssize_t count);

/* positions(terms, docs, deadline): for each term, where it stands in the documents */
PyObject *find_positions(PyObject *object, PyObject *arguments);

/* living((field, low, high, numbers)): for each term how many living documents have it */
PyObject *find_living(PyObject *object, PyObject *tuple);

#endif
