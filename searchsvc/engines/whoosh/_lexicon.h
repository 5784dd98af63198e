/* Strings of a sorted, front-coded list: what `lexicon` asks of the kernel. */

#ifndef LEXICON_H
#define LEXICON_H

#include <Python.h>

/* find((terms, offsets, shared, sizes), key) -> (number, there) */
PyObject *find_key(PyObject *module, PyObject *args);

/* keys((terms, offsets, shared, sizes), low, high) -> list of bytes */
PyObject *list_keys(PyObject *module, PyObject *args);

#endif
