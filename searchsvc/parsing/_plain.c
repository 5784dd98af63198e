/* Plain texts: told by the class of each letter, in one pass.
 *
 * What the classes mean and which letters have them is said in `plain.py`. A text is plain when it
 * has no letter that is suspect and its spaces stand singly, between other letters. The joints
 * found in it are those that `records.py` finds with its pattern. Nothing is trusted: a letter
 * that the table has no place for is suspect.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>

enum { SUSPECT, OTHER, WORD, LOWER, CAPITAL, STOP, SIGN, CLOSING, QUOTE, COMMA, SPACE, BREAK };

typedef struct {
    const uint8_t *classes;
    Py_ssize_t length;
} Text;

static int at(const Text *text, Py_ssize_t place) {
    return place >= 0 && place < text->length ? text->classes[place] : OTHER;
}

static int is_word(int kind) { return kind == WORD || kind == LOWER || kind == CAPITAL; }

static int is_blank(int kind) { return kind == SPACE || kind == BREAK; }

/* Tell whether a word that begins with a capital follows without a space. */
static int word_follows(const Text *text, Py_ssize_t place) {
    place += at(text, place) == QUOTE;
    if (at(text, place++) != CAPITAL) return 0;
    while (at(text, place) == LOWER) place++;
    return is_blank(at(text, place)) || at(text, place) == COMMA;
}

/* Tell whether a sentence ends with the sign at a place: a word and its sign, or a quotation. */
static int ends_sentence(const Text *text, Py_ssize_t place) {
    Py_ssize_t start = place;
    if (at(text, place) != CLOSING && at(text, place - 1) == CLOSING)
        return is_word(at(text, place - 2));
    if (at(text, place) != STOP) return is_word(at(text, place - 1));
    while (at(text, start - 1) == LOWER) start--;
    return place - start >= 2 && !is_word(at(text, start - 1));
}

/* Tell whether the spaces around a place are as they should be. */
static int is_tidy(const Text *text, Py_ssize_t place) {
    int kind = text->classes[place], before = at(text, place - 1);
    if (place == 0 || place == text->length - 1) return 0;
    if (kind == SPACE) return !is_blank(before);
    return before != SPACE && !(before == BREAK && at(text, place - 2) == BREAK);
}

/* Replace letters by their classes; 0 where one is suspect. */
static int classify(const Py_UCS4 *letters, Py_ssize_t length, const uint8_t *table,
                    Py_ssize_t span, uint8_t *classes) {
    for (Py_ssize_t i = 0; i < length; i++) {
        classes[i] = (Py_ssize_t)letters[i] < span ? table[letters[i]] : SUSPECT;
        if (classes[i] == SUSPECT) return 0;
    }
    return 1;
}

/* List the joints of a text; NULL without an exception where it is not plain. */
static PyObject *joints(const Text *text) {
    PyObject *found = PyList_New(0);
    for (Py_ssize_t place = 0; found && place < text->length; place++) {
        int kind = text->classes[place];
        if (is_blank(kind) && !is_tidy(text, place)) {
            Py_CLEAR(found);
        } else if (kind >= STOP && kind <= CLOSING && word_follows(text, place + 1) &&
                   ends_sentence(text, place)) {
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
