/* Strings of a sorted, front-coded list: what `lexicon` asks of the kernel. */

#ifndef LEXICON_H
#define LEXICON_H

#include <Python.h>
#include <stdint.h>

#define GROUP 16
#define PARTS 4

typedef struct {
    const uint8_t *terms;
    const uint32_t *offsets;
    const void *shared, *sizes;
    Py_ssize_t bytes, groups, count;
    int shared_width, size_width; /* bytes of a number: 1, 2 or 4 */
} Lexicon;

typedef struct {
    Py_buffer views[PARTS];
    int count;
} HeldLexicon;

/* Hold the arrays (terms, offsets, shared, sizes) of a list; -1 where they do not fit together. */
int hold_lexicon(HeldLexicon *held, PyObject *const *parts, Lexicon *lexicon);
void let_go_of_lexicon(HeldLexicon *held);

static inline uint32_t number_at(const void *numbers, int width, Py_ssize_t place) {
    if (width == 1) return ((const uint8_t *)numbers)[place];
    if (width == 2) return ((const uint16_t *)numbers)[place];
    return ((const uint32_t *)numbers)[place];
}

/* find((terms, offsets, shared, sizes), key) -> (number, there) */
PyObject *find_key(PyObject *module, PyObject *args);

/* keys((terms, offsets, shared, sizes), low, high) -> list of bytes */
PyObject *list_keys(PyObject *module, PyObject *args);

/* some_keys((terms, offsets, shared, sizes), numbers) -> list of bytes */
PyObject *list_some_keys(PyObject *module, PyObject *args);

/* near((terms, offsets, shared, sizes), key, edits) -> numbers (int32), distances (uint8) */
PyObject *near_keys(PyObject *module, PyObject *args);

#endif
