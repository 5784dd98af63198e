/* Plain texts: told by the class of each letter, in one pass.
 *
 * Nothing is trusted: a letter that the table of `plain.py` has no place for is suspect.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include "_plain.h"

#include <stdlib.h>

/* Replace letters by their classes; 0 where one is suspect. */
static int classify(const Py_UCS4 *letters, Py_ssize_t length, const uint8_t *table,
                    Py_ssize_t span, uint8_t *classes) {
    for (Py_ssize_t i = 0; i < length; i++) {
        classes[i] = (Py_ssize_t)letters[i] < span ? table[letters[i]] : SUSPECT;
        if (classes[i] == SUSPECT) return 0;
        if (classes[i] == MARKUP && i + 1 < length && is_markup(letters[i + 1])) return 0;
    }
    return 1;
}

/* List the joints of a text; NULL without an exception where it is not plain. */
static PyObject *joints(const Text *text) {
    PyObject *found = PyList_New(0);
    for (Py_ssize_t place = 0; found && place < text->length; place++) {
        if (is_blank(text->classes[place]) && !is_tidy(text, place)) {
            Py_CLEAR(found);
        } else if (is_joint(text, place)) {
            PyObject *number = PyLong_FromSsize_t(place);
            if (!number || PyList_Append(found, number) < 0) Py_CLEAR(found);
            Py_XDECREF(number);
        }
    }
    return found;
}

/* joints(text, table) -> places of joints, or None where the text is not plain */
static PyObject *plain_joints(PyObject *module, PyObject *arguments) {
    PyObject *string, *found = NULL;
    const char *table;
    Py_ssize_t span;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "Uy#", &string, &table, &span)) return NULL;
    Text text = {NULL, PyUnicode_GetLength(string)};
    if (text.length < 0) return NULL;
    Py_UCS4 *letters = malloc(((size_t)text.length + 1) * sizeof *letters);
    uint8_t *classes = malloc((size_t)text.length + 1);
    text.classes = classes;
    if (!letters || !classes) PyErr_NoMemory();
    else if (PyUnicode_AsUCS4(string, letters, text.length + 1, 1) &&
             classify(letters, text.length, (const uint8_t *)table, span, classes))
        found = joints(&text);
    free(letters);
    free(classes);
    return found || PyErr_Occurred() ? found : Py_NewRef(Py_None);
}

static PyMethodDef methods[] = {
    {"joints", plain_joints, METH_VARARGS, "List the joints of a plain text."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_plain", NULL, 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__plain(void) { return PyModule_Create(&definition); }
