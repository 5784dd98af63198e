/* The analyzer's inner loop: from a text to the numbers of its words' forms, and their places.
 *
 * A text comes in, arrays go out. What stands in texts all the time is read here: words of letters
 * and digits, and such words joined by hyphens. Wherever more could belong to a piece (decimals,
 * addresses, apostrophes, stress marks, letters of both scripts in one word) Python's `piece` is
 * asked about that one place, so that the rules stand in `tokenizer.py` and `folding.py` only.
 * `scanner.py` makes the tables and does the same without this file.
 */

#include "_scanner.h"

#include <stddef.h>

static PyObject *as_bytes(const Numbers *numbers) {
    return PyBytes_FromStringAndSize((const char *)numbers->items, numbers->count * 4);
}

/* ---- the module --------------------------------------------------------------------------- */

/* Make room for a text; -1 with an exception set. */
static int make_letters(Scan *scan, Py_ssize_t length) {
    if (length < 0) return -1;
    if (length >= INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "the text is too long");
        return -1;
    }
    scan->length = length;
    scan->at = malloc(((size_t)length + STRIDE + 1) * sizeof *scan->at);
    if (!scan->at) {
        PyErr_NoMemory();
        return -1;
    }
    memset(scan->at + length, 0, (STRIDE + 1) * sizeof *scan->at);
    return 0;
}

/* Copy a text that has a byte a letter; as `begin`. */
static int begin_narrow(Scan *scan, PyObject *data) {
    char *bytes;
    Py_ssize_t length;
    Py_UCS4 all = 0;
    if (PyBytes_AsStringAndSize(data, &bytes, &length) < 0 || make_letters(scan, length) < 0)
        return -1;
    for (Py_ssize_t i = 0; i < length; i++)
        all |= scan->at[i] = scan->scanner->narrow[(uint8_t)bytes[i]];
    if (scan->wants_terms) scan->bytes = (const uint8_t *)bytes;
    return (Py_ssize_t)all >= scan->scanner->span;
}

/* Copy the text; 1 where it has characters that the tables do not, -1 with an exception set. */
static int begin(Scan *scan, PyObject *self, PyObject *text) {
    scan->scanner = (Scanner *)self;
    if (PyBytes_Check(text)) return begin_narrow(scan, text);
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a text is required");
        return -1;
    }
    scan->text = Py_NewRef(text);
    if (make_letters(scan, PyUnicode_GetLength(text)) < 0) return -1;
    if (!PyUnicode_AsUCS4(text, scan->at, scan->length + 1, 1)) return -1;
    Py_UCS4 all = 0, largest = 0;
    for (Py_ssize_t i = 0; i < scan->length; i += STRIDE)
        for (int j = 0; j < STRIDE; j++) all |= scan->at[i + j];
    if ((Py_ssize_t)all < scan->scanner->span) return 0;
    for (Py_ssize_t i = 0; i < scan->length; i++)
        if (scan->at[i] > largest) largest = scan->at[i];
    return (Py_ssize_t)largest >= scan->scanner->span;
}

static void end(Scan *scan) {
    Py_XDECREF(scan->text);
    free(scan->at);
    free(scan->terms.items);
    free(scan->starts.items);
    free(scan->ends.items);
    free(scan->compounds.items);
}

/* Scan a text and give the arrays that are wanted; None where the tables do not suffice. */
static PyObject *scanned(PyObject *self, PyObject *text, int terms, int places, Py_ssize_t most) {
    Scan scan;
    PyObject *result = NULL;
    memset(&scan, 0, offsetof(Scan, asked));
    scan.most = most;
    scan.wants_terms = terms;
    scan.wants_places = places;
    int odd = begin(&scan, self, text);
    if (odd > 0) result = Py_NewRef(Py_None);
    else if (!odd && read_text(&scan) == 0) {
        if (!places) result = Py_BuildValue("NN", as_bytes(&scan.terms), as_bytes(&scan.compounds));
        else if (!terms) result = Py_BuildValue("NN", as_bytes(&scan.starts), as_bytes(&scan.ends));
        else
            result = Py_BuildValue("NNNN", as_bytes(&scan.terms), as_bytes(&scan.compounds),
                                   as_bytes(&scan.starts), as_bytes(&scan.ends));
    }
    end(&scan);
    return result;
}

static PyObject *scan_terms(PyObject *self, PyObject *text) {
    return scanned(self, text, 1, 0, PY_SSIZE_T_MAX);
}

static PyObject *scan_all(PyObject *self, PyObject *text) {
    return scanned(self, text, 1, 1, PY_SSIZE_T_MAX);
}

static PyObject *scan_places(PyObject *self, PyObject *arguments) {
    PyObject *text;
    Py_ssize_t most;
    if (!PyArg_ParseTuple(arguments, "On", &text, &most)) return NULL;
    return scanned(self, text, 0, 1, most);
}

/* number(form) -> its number, a new one where it has none */
static PyObject *give_number(PyObject *self, PyObject *form) {
    if (!PyUnicode_Check(form)) {
        PyErr_SetString(PyExc_TypeError, "a form is a text");
        return NULL;
    }
    int32_t number = number_of_string((Scanner *)self, form);
    return number < 0 ? NULL : PyLong_FromLong(number);
}

/* Tell whether tokens are ascending numbers; else -1 with an exception set. */
static int check_wanted(const char *wanted, Py_ssize_t size) {
    int32_t last = -1, token;
    for (Py_ssize_t place = 0; place + (Py_ssize_t)sizeof token <= size; place += sizeof token) {
        memcpy(&token, wanted + place, sizeof token);
        if (token <= last) break;
        last = token;
        if (place + (Py_ssize_t)sizeof token == size) return 0;
    }
    if (!size) return 0;
    PyErr_SetString(PyExc_ValueError, "tokens are ascending int32");
    return -1;
}

/* Give pairs of where wanted tokens start and end; None where the tables do not suffice. */
static PyObject *some_of(Scan *scan, const char *wanted, Py_ssize_t count) {
    int32_t *found = malloc((size_t)(2 * count + 1) * sizeof *found);
    PyObject *result = NULL;
    if (!found) return PyErr_NoMemory();
    Py_ssize_t there = read_places(scan, wanted, count, found);
    if (there >= 0) result = PyBytes_FromStringAndSize((const char *)found, there * 8);
    free(found);
    return result;
}

/* some(text, tokens) -> where those start and end, pairs, as many as the text has; or None */
static PyObject *scan_some(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    Scan scan;
    PyObject *result = NULL;
    char *wanted;
    Py_ssize_t size;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "a text and tokens are required");
        return NULL;
    }
    if (PyBytes_AsStringAndSize(arguments[1], &wanted, &size) < 0) return NULL;
    if (check_wanted(wanted, size) < 0) return NULL;
    memset(&scan, 0, offsetof(Scan, asked));
    scan.wants_places = 1;
    int odd = begin(&scan, self, arguments[0]);
    if (odd > 0) result = Py_NewRef(Py_None);
    else if (!odd) result = some_of(&scan, wanted, size / (Py_ssize_t)sizeof(int32_t));
    end(&scan);
    return result;
}

/* lines(first) -> the forms that came to those it began with, from the first of them on */
static PyObject *give_lines(PyObject *self, PyObject *number) {
    const Scanner *scanner = (Scanner *)self;
    Py_ssize_t first = PyLong_AsSsize_t(number);
    if (first == -1 && PyErr_Occurred()) return NULL;
    if (first < 0 || first > scanner->count) {
        PyErr_SetString(PyExc_ValueError, "there is no such form");
        return NULL;
    }
    if (first == scanner->count) return PyBytes_FromStringAndSize(NULL, 0);
    size_t begin = first ? scanner->ends[first - 1] : 0;
    return PyBytes_FromStringAndSize(scanner->lines + begin,
                                     (Py_ssize_t)(scanner->written - begin - 1));
}

static Py_ssize_t count_new(PyObject *self) { return ((Scanner *)self)->count; }

static void drop(PyObject *self) {
    Scanner *scanner = (Scanner *)self;
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(scanner->numbers);
    Py_XDECREF(scanner->piece);
    free(scanner->classes);
    free(scanner->folded);
    free(scanner->entries);
    free(scanner->letters);
    free(scanner->lines);
    free(scanner->ends);
    release(self);
    Py_DECREF(type);
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Scanner *scanner = (Scanner *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(scanner->numbers);
    Py_VISIT(scanner->piece);
    return 0;
}

/* Make the tables of texts that have a byte a letter. */
static void make_narrow(Scanner *scanner, const char *narrow) {
    memcpy(scanner->narrow, narrow, sizeof scanner->narrow);
    for (int byte = 1; byte < 256; byte++) {
        uint16_t code = scanner->narrow[byte];
        if (code >= scanner->span || code >= scanner->plain) continue;
        if ((scanner->classes[code] & (WORD | HYPHEN)) != WORD) continue;
        uint16_t folded = scanner->quick[byte] = scanner->folded[code];
        scanner->scripts[byte] = folded >= 0x400 ? 2 : folded >= 'a' && folded <= 'z';
    }
}

/* Scanner(classes, folded, narrow, secret, known, numbers, piece) */
static PyObject *make(PyTypeObject *type, PyObject *arguments, PyObject *names) {
    const char *classes, *folded, *narrow, *known;
    Py_ssize_t span, plain, size, lines;
    unsigned long long secret;
    PyObject *numbers, *piece;
    if (names && PyDict_Size(names)) {
        PyErr_SetString(PyExc_TypeError, "arguments go by their places");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "y#y#y#Ky#O!O", &classes, &span, &folded, &plain, &narrow,
                          &size, &secret, &known, &lines, &PyDict_Type, &numbers, &piece))
        return NULL;
    if (size != sizeof ((Scanner *)NULL)->narrow) {
        PyErr_SetString(PyExc_ValueError, "the bytes' code points are not 256");
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Scanner *scanner = (Scanner *)allocate(type, 0);
    if (!scanner) return NULL;
    scanner->numbers = Py_NewRef(numbers);
    scanner->piece = Py_NewRef(piece);
    scanner->secret = secret;
    scanner->span = span;
    scanner->plain = plain / 2 < span ? plain / 2 : span;
    scanner->classes = malloc((size_t)span + 1);
    scanner->folded = malloc((size_t)plain + 2);
    if (!scanner->classes || !scanner->folded) {
        Py_DECREF(scanner);
        return PyErr_NoMemory();
    }
    memcpy(scanner->classes, classes, (size_t)span);
    scanner->classes[0] = 0;
    memcpy(scanner->folded, folded, (size_t)plain);
    make_narrow(scanner, narrow);
    scanner->regular = is_regular(scanner);
    if (make_vocabulary(scanner, known, lines) < 0) {
        Py_DECREF(scanner);
        return NULL;
    }
    return (PyObject *)scanner;
}

static PyMethodDef methods[] = {
    {"number", give_number, METH_O, "Give the number of a form."},
    {"lines", give_lines, METH_O, "Give the new forms from one of them on."},
    {"terms", scan_terms, METH_O, "Give the numbers of the forms, and of whole compounds."},
    {"places", scan_places, METH_VARARGS, "Give where the first tokens start and end."},
    {"some", (PyCFunction)(void (*)(void))scan_some, METH_FASTCALL, "Give where some tokens start and end."},
    {"scan", scan_all, METH_O, "Give forms, compounds, starts and ends."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, make},
    {Py_sq_length, count_new},
    {Py_tp_dealloc, drop},
    {Py_tp_traverse, traverse},
    {Py_tp_methods, methods},
    {Py_tp_doc, "A scanner with its vocabulary."},
    {0, NULL},
};

static PyType_Spec specification = {
    "searchsvc.analysis._scanner.Scanner", sizeof(Scanner), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_scanner", NULL, 0, NULL, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__scanner(void) {
    PyObject *module = PyModule_Create(&definition);
    if (!module) return NULL;
    PyObject *type = PyType_FromSpec(&specification);
    if (!type || PyModule_AddObjectRef(module, "Scanner", type) < 0) {
        Py_XDECREF(type);
        Py_DECREF(module);
        return NULL;
    }
    Py_DECREF(type);
    return module;
}
