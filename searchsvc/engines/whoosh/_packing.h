/* Frequencies and positions packed and unpacked in bulk; what they mean is in packing.py. */

#ifndef PACKING_H
#define PACKING_H

#include <Python.h>

/* pack(tf, title_tf, positions, first) -> the bytes of freqs, rare_at, rare_tf, rare_title,
 * positions, widths and frames' ends; ``first`` is the number of the first posting */
PyObject *pack_postings(PyObject *module, PyObject *args);

/* unpack((freqs, rare_at, rare_tf, rare_title, frames, widths, positions), first, last,
 * all) -> the bytes of tf, title_tf and positions of a range of a field's postings */
PyObject *unpack_postings(PyObject *module, PyObject *args);

#endif
