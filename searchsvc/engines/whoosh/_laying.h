/* Programs of plain words, laid out from a tree. */

#ifndef LAYING_H
#define LAYING_H

#include "_holding.h"

/* lay(parts, tree, words, words in titles): a program, or None */
PyObject *lay_words(PyObject *module, PyObject *const *given, Py_ssize_t count);

/* known(parts, signals, typed words): what signals are, or None if one is not known */
PyObject *find_known(PyObject *module, PyObject *const *given, Py_ssize_t count);

#endif
