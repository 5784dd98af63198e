/* Postings packed and unpacked in bulk; what that means is in packing.py and documents.py. */

#ifndef PACKING_H
#define PACKING_H

#include <Python.h>

/* pack(tf, title_tf, positions, first) -> the bytes of freqs, rare_at, rare_tf, rare_title,
 * positions, widths and frames' ends; ``first`` is the number of the first posting */
PyObject *pack_postings(PyObject *module, PyObject *args);

/* unpack((freqs, rare_at, rare_tf, rare_title, frames, widths, positions), first, last,
 * all) -> the bytes of tf, title_tf and positions of a range of a field's postings */
PyObject *unpack_postings(PyObject *module, PyObject *args);

/* pack_documents(docs, sizes) -> the bytes of lows, of the words of larger blocks, and how many words
 * each block has (uint32), 0 for arrays; ``sizes`` (int64) are those of blocks, end to end */
PyObject *pack_documents(PyObject *module, PyObject *args);

/* What a call reads. */
typedef struct {
    Py_buffer views[7];
    int count;
} HeldArrays;

/* Hold an array; ``data`` is where its address goes. */
int hold_array(HeldArrays *held, PyObject *object, Py_ssize_t width, const void *data, Py_ssize_t *size);

void let_go_of_arrays(HeldArrays *held);

#endif
