/* Where sentences end: the borders of a stretch of a text, found letter by letter.
 *
 * Does what `sentences.py` does with a regular expression, 8 times as fast; the tests hold one
 * against the other. Whether a full stop after a short word ends a sentence is looked up among the
 * abbreviations here, and asked of Python where more than one word could be meant.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What a character is, in the table of classes; as in sentences.py. */
enum {
    BORDER = 1,   /* . ! ? … and what ends lines; only the latter are SPACE too */
    SPACE = 2,
    CLOSING = 4,  /* quotes and brackets behind a stop */
    OPENING = 8,  /* quotes, brackets, dashes before a sentence */
    QUOTE = 16,   /* those quotes of OPENING that may stand behind a dash */
    BEGINNING = 32, /* capitals and digits */
    WORD = 64,    /* letters and digits */
    LETTER = 128,
};

#define SURE 6     /* a word of so many letters is no abbreviation; sentences._SURE */
#define LONGEST 14 /* letters of a word that are looked at; sentences._LONGEST */

typedef struct {
    PyObject_HEAD
    uint8_t *classes; /* by code point, below `span` */
    Py_ssize_t span;
    PyObject *sentence;      /* the type of what is found, a tuple */
    PyObject *ends;          /* ends(text, at, stops) -> whether stops end a sentence */
    PyObject *abbreviations; /* a frozenset */
    allocfunc allocate;      /* makes one, with its values to be set */
} Reader;

/* ---- one stretch -------------------------------------------------------------------------- */

typedef struct {
    const Reader *reader;
    PyObject *text, *found; /* the list of what is found */
    Py_UCS4 *letters;       /* from `low` on, a zero behind them, whose class is 0 */
    Py_ssize_t low, length; /* places below count from `low` */
} Stretch;

/* A border: its first stop, behind its stops, behind what closes them, behind it. */
typedef struct {
    Py_ssize_t at, stops, closed, after;
} Border;

static int is(const Stretch *stretch, Py_ssize_t place, int kind) {
    return stretch->reader->classes[stretch->letters[place]] & kind;
}

static int is_stop(const Stretch *stretch, Py_ssize_t place) {
    return (is(stretch, place, BORDER | SPACE)) == BORDER;
}

static Py_ssize_t after_all(const Stretch *stretch, Py_ssize_t place, int kind) {
    while (is(stretch, place, kind)) place++;
    return place;
}

static Py_ssize_t after_blanks(const Stretch *stretch, Py_ssize_t place) {
    while (is(stretch, place, SPACE) && stretch->letters[place] != '\n') place++;
    return place;
}

static int is_russian_capital(Py_UCS4 letter) {
    return (letter >= 0x410 && letter <= 0x42F) || letter == 0x401;
}

/* Tell whether a sentence may begin behind stops and spaces. */
static int may_begin(const Stretch *stretch, Py_ssize_t place) {
    place = after_blanks(stretch, after_all(stretch, place, OPENING));
    if (is(stretch, place, QUOTE)) place++;
    return is(stretch, place, BEGINNING) != 0;
}

/* Tell whether one may begin right behind stops: «…сообщил он.Следующее». */
static int may_follow(const Stretch *stretch, Py_ssize_t place) {
    Py_UCS4 letter = stretch->letters[place];
    if (letter == 0xAB || letter == 0x201E) letter = stretch->letters[place + 1];
    return is_russian_capital(letter);
}

/* Read what may be a border at a stop; tells whether it is one. */
static int read_border(const Stretch *stretch, Border *border) {
    Py_ssize_t at = border->at;
    if (at && is_stop(stretch, at - 1)) return 0;
    border->stops = at + 1;
    while (is_stop(stretch, border->stops)) border->stops++;
    border->closed = after_all(stretch, border->stops, CLOSING);
    border->after = after_blanks(stretch, border->closed);
    if (border->after > border->closed) return may_begin(stretch, border->after);
    return may_follow(stretch, border->closed);
}

static int ask(const Stretch *stretch, const Border *border) {
    Py_ssize_t stops = border->stops - border->at;
    PyObject *spaced = border->closed < border->after ? Py_True : Py_False;
    PyObject *answer = PyObject_CallFunction(
        stretch->reader->ends, "OnnO", stretch->text, stretch->low + border->at, stops, spaced);
    int ends = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(answer);
    return ends;
}

/* Tell whether letters before a stop are no abbreviation; -1 with an exception set. */
static int is_whole_word(const Stretch *stretch, Py_ssize_t first, Py_ssize_t at) {
    PyObject *word = PyUnicode_Substring(stretch->text, stretch->low + first, stretch->low + at);
    PyObject *lower = word ? PyObject_CallMethod(word, "lower", NULL) : NULL;
    int known = lower ? PySet_Contains(stretch->reader->abbreviations, lower) : -1;
    Py_XDECREF(word);
    Py_XDECREF(lower);
    return known < 0 ? -1 : !known;
}

/* Tell whether stops end a sentence; -1 with an exception set. */
static int ends_sentence(const Stretch *stretch, const Border *border) {
    Py_ssize_t at = border->at, first = at, others = 0;
    if (border->after == border->closed) return ask(stretch, border);
    if (stretch->letters[at] != '.' || border->stops > at + 1) return 1;
    for (; first && at - first < SURE && is(stretch, first - 1, WORD); first--)
        others += !is(stretch, first - 1, LETTER);
    if (at - first == SURE) return 1;
    if (!first || stretch->letters[first - 1] == '-' || stretch->letters[first - 1] == '\n')
        return ask(stretch, border);
    if (first == at) return 1; /* «Очень». */
    if (others || at - first == 1) return ask(stretch, border);
    return is_whole_word(stretch, first, at);
}

/* Add a sentence; -1 with an exception set. */
static int add(const Stretch *stretch, Py_ssize_t begin, Py_ssize_t last, int opens_line) {
    if (last <= begin) return 0;
    PyObject *sentence = stretch->reader->allocate((PyTypeObject *)stretch->reader->sentence, 3);
    PyObject *start = PyLong_FromSsize_t(stretch->low + begin);
    PyObject *end = PyLong_FromSsize_t(stretch->low + last);
    if (!sentence || !start || !end) {
        Py_XDECREF(sentence);
        Py_XDECREF(start);
        Py_XDECREF(end);
        return -1;
    }
    int failed = PyTuple_SetItem(sentence, 0, start) < 0;
    failed |= PyTuple_SetItem(sentence, 1, end) < 0;
    failed |= PyTuple_SetItem(sentence, 2, PyBool_FromLong(opens_line)) < 0;
    failed |= !failed && PyList_Append(stretch->found, sentence) < 0;
    Py_DECREF(sentence);
    return failed ? -1 : 0;
}

static Py_ssize_t without_space(const Stretch *stretch, Py_ssize_t begin, Py_ssize_t last) {
    while (last > begin && is(stretch, last - 1, SPACE)) last--;
    return last;
}

static int read_sentences(const Stretch *stretch, Py_ssize_t start) {
    Py_ssize_t begin = after_all(stretch, start, SPACE), place = start;
    int opens_line = 1;
    while (place < stretch->length) {
        Border border = {.at = place};
        if (!is(stretch, place++, BORDER)) continue;
        int line = is(stretch, border.at, SPACE);
        if (line) {
            border.after = after_all(stretch, place, SPACE);
            border.closed = without_space(stretch, begin, border.at);
        } else {
            if (!read_border(stretch, &border)) continue;
            place = border.after;
            int ends = ends_sentence(stretch, &border);
            if (ends < 0) return -1;
            if (!ends) continue;
        }
        place = border.after;
        if (add(stretch, begin, border.closed, opens_line) < 0) return -1;
        opens_line = line != 0;
        if (border.after > begin) begin = border.after;
    }
    return add(stretch, begin, without_space(stretch, begin, stretch->length), opens_line);
}

/* Copy the stretch; 1 where it has characters that the table does not, -1 with an exception set. */
static int copy(Stretch *stretch, Py_ssize_t end) {
    PyObject *part = PyUnicode_Substring(stretch->text, stretch->low, end);
    if (!part) return -1;
    stretch->length = PyUnicode_GetLength(part);
    stretch->letters = malloc(((size_t)stretch->length + 1) * sizeof *stretch->letters);
    int failed = !stretch->letters;
    if (failed) PyErr_NoMemory();
    else failed = !PyUnicode_AsUCS4(part, stretch->letters, stretch->length + 1, 1);
    Py_DECREF(part);
    if (failed) return -1;
    for (Py_ssize_t i = 0; i < stretch->length; i++)
        if ((Py_ssize_t)stretch->letters[i] >= stretch->reader->span) return 1;
    return 0;
}

/* sentences(text, start, end) -> a list of sentences, or None where `sentences.py` has to read */
static PyObject *sentences(PyObject *self, PyObject *arguments) {
    Stretch stretch = {.reader = (Reader *)self};
    Py_ssize_t start, end;
    if (!PyArg_ParseTuple(arguments, "Unn", &stretch.text, &start, &end)) return NULL;
    if (start < 0 || end < start || end > PyUnicode_GetLength(stretch.text))
        return Py_NewRef(Py_None);
    stretch.low = start > LONGEST ? start - LONGEST : 0;
    stretch.found = PyList_New(0);
    if (!stretch.found) return NULL;
    int odd = copy(&stretch, end);
    int failed = odd < 0 || (!odd && read_sentences(&stretch, start - stretch.low) < 0);
    free(stretch.letters);
    if (!odd && !failed) return stretch.found;
    Py_DECREF(stretch.found);
    return failed ? NULL : Py_NewRef(Py_None);
}

/* ---- the module --------------------------------------------------------------------------- */

static void drop(PyObject *self) {
    Reader *reader = (Reader *)self;
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(reader->sentence);
    Py_XDECREF(reader->ends);
    Py_XDECREF(reader->abbreviations);
    free(reader->classes);
    release(self);
    Py_DECREF(type);
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Reader *reader = (Reader *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(reader->sentence);
    Py_VISIT(reader->ends);
    Py_VISIT(reader->abbreviations);
    return 0;
}

/* Reader(classes, sentence, ends, abbreviations) */
static PyObject *make(PyTypeObject *type, PyObject *arguments, PyObject *names) {
    const char *classes;
    Py_ssize_t span;
    PyObject *sentence, *ends, *abbreviations;
    (void)names;
    if (!PyArg_ParseTuple(arguments, "y#O!OO!", &classes, &span, &PyType_Type, &sentence, &ends,
                          &PyFrozenSet_Type, &abbreviations))
        return NULL;
    if (!PyType_IsSubtype((PyTypeObject *)sentence, &PyTuple_Type)) {
        PyErr_SetString(PyExc_TypeError, "a sentence is a tuple");
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Reader *reader = (Reader *)allocate(type, 0);
    if (!reader) return NULL;
    reader->sentence = Py_NewRef(sentence);
    reader->ends = Py_NewRef(ends);
    reader->abbreviations = Py_NewRef(abbreviations);
    reader->allocate = (allocfunc)PyType_GetSlot((PyTypeObject *)sentence, Py_tp_alloc);
    reader->span = span;
    reader->classes = malloc((size_t)span + 1);
    if (!reader->allocate || !reader->classes) {
        Py_DECREF(reader);
        return PyErr_NoMemory();
    }
    memcpy(reader->classes, classes, (size_t)span);
    reader->classes[0] = 0;
    return (PyObject *)reader;
}

static PyMethodDef methods[] = {
    {"sentences", sentences, METH_VARARGS, "List the sentences of a stretch, or give None."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, make},
    {Py_tp_dealloc, drop},
    {Py_tp_traverse, traverse},
    {Py_tp_methods, methods},
    {Py_tp_doc, "A reader of sentences."},
    {0, NULL},
};

static PyType_Spec specification = {
    "searchsvc.highlighting._sentences.Reader", sizeof(Reader), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_sentences", NULL, 0, NULL, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__sentences(void) {
    PyObject *module = PyModule_Create(&definition);
    if (!module) return NULL;
    PyObject *type = PyType_FromSpec(&specification);
    if (!type || PyModule_AddObjectRef(module, "Reader", type) < 0) {
        Py_XDECREF(type);
        Py_DECREF(module);
        return NULL;
    }
    Py_DECREF(type);
    return module;
}
