/* The highlighter: texts and matches come in as Python has them, sentences and snippets go out.
 *
 * Whatever is not as it always is (characters that the table lacks, very long texts, many clauses)
 * is answered with None, and `sentences.py` and `portable_fragments.py`, which do the same without
 * these files, read it.
 */

#include "_highlighting.h"

#define STRETCH 200000 /* code points of a text that is read here; portable_fragments.STRETCH */
#define CLAUSES 64
#define LARGEST (1 << 30) /* code points of a fragment, which keeps sums in their range */

enum { START, END, CLAUSE };

/* ---- what comes in ------------------------------------------------------------------------ */

/* These give 0, 1 where Python has to do it, -1 with an exception set. */

/* Tell whether letters are beyond the table. */
static int has_more(const Text *text, int32_t span) {
    int32_t all = 0;
    for (Py_ssize_t i = 0; i < text->length; i += STRIDE)
        for (int j = 0; j < STRIDE; j++) all |= span - 1 - (int32_t)text->letters[i + j];
    return all < 0;
}

/* Copy the letters of a text between two places. */
static int copy(Text *text, const Reader *reader, PyObject *string, Py_ssize_t low, Py_ssize_t end) {
    PyObject *part = PyUnicode_Substring(string, low, end);
    if (!part) return -1;
    *text = (Text){.reader = reader, .text = string, .low = low, .length = PyUnicode_GetLength(part)};
    text->letters = malloc(((size_t)text->length + STRIDE) * sizeof *text->letters);
    int failed = !text->letters;
    if (failed) PyErr_NoMemory();
    else {
        memset(text->letters + text->length, 0, STRIDE * sizeof *text->letters);
        failed = !PyUnicode_AsUCS4(part, text->letters, text->length + 1, 1);
    }
    Py_DECREF(part);
    return failed ? -1 : has_more(text, (int32_t)reader->span);
}

/* Find where the numbers of matches stand in them, which all are of one type of named tuples; of
 * other types their attributes are asked for, in three times the time. */
static int take_named(Reader *reader, PyObject *type) {
    PyObject *fields = PyObject_GetAttrString(type, "_fields");
    int failed = !fields;
    for (int name = START; !failed && name <= CLAUSE; name++) {
        reader->places[name] = PySequence_Index(fields, reader->names[name]);
        failed = reader->places[name] < 0;
    }
    Py_XDECREF(fields);
    if (failed && !PyErr_ExceptionMatches(PyExc_AttributeError) &&
        !PyErr_ExceptionMatches(PyExc_ValueError))
        return -1;
    PyErr_Clear();
    if (failed) return 0;
    Py_XDECREF(reader->named);
    reader->named = Py_NewRef(type);
    return 0;
}

static PyObject *number_of(const Reader *reader, PyObject *match, int name) {
    if ((PyObject *)Py_TYPE(match) == reader->named)
        return Py_XNewRef(PyTuple_GetItem(match, reader->places[name]));
    return PyObject_GetAttr(match, reader->names[name]);
}

/* Read a number of a match. */
static int read_number(const Reader *reader, PyObject *match, int name, Py_ssize_t *number) {
    PyObject *value = number_of(reader, match, name);
    if (!value) return -1;
    *number = PyLong_AsSsize_t(value);
    Py_DECREF(value);
    if (*number != -1 || !PyErr_Occurred()) return 0;
    if (!PyErr_ExceptionMatches(PyExc_OverflowError)) return -1;
    PyErr_Clear();
    return 1;
}

/* Append a match, unless it is not in a text of so many letters. */
static int read_match(const Reader *reader, PyObject *match, Py_ssize_t length, Pieces *matches) {
    Py_ssize_t start, end, clause;
    int odd = read_number(reader, match, START, &start);
    if (!odd) odd = read_number(reader, match, END, &end);
    if (odd || start < 0 || start >= end || end > length) return odd;
    odd = read_number(reader, match, CLAUSE, &clause);
    if (odd) return odd;
    if (clause < 0 || clause >= CLAUSES) return 1;
    return append(matches, start, end, (uint64_t)clause);
}

/* Read matches, sort them, and list their marks. */
static int read_matches(Reader *reader, PyObject *listed, Py_ssize_t length, Pieces *matches,
                        Pieces *marks) {
    PyObject *every = PySequence_Tuple(listed); /* asking one must not change the rest */
    if (!every) return -1;
    Py_ssize_t count = PyTuple_Size(every);
    PyObject *first = count ? PyTuple_GetItem(every, 0) : NULL;
    int odd = 0;
    if (first && PyTuple_Check(first) && (PyObject *)Py_TYPE(first) != reader->named)
        odd = take_named(reader, (PyObject *)Py_TYPE(first));
    for (Py_ssize_t i = 0; i < count && !odd; i++)
        odd = read_match(reader, PyTuple_GetItem(every, i), length, matches);
    Py_DECREF(every);
    if (odd) return odd;
    sort(matches);
    return merge(matches, marks);
}

/* ---- what goes out ------------------------------------------------------------------------ */

/* Make a tuple of values that are given away, of a type or a plain one; NULL if any is NULL. */
static PyObject *tuple_of(const Made *made, PyObject *const *values, Py_ssize_t count) {
    PyObject *tuple = made ? made->allocate((PyTypeObject *)made->type, count) : PyTuple_New(count);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (tuple && values[i]) {
            PyTuple_SetItem(tuple, i, values[i]);
            continue;
        }
        Py_XDECREF(values[i]);
        Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *pair(Py_ssize_t start, Py_ssize_t end) {
    PyObject *values[] = {PyLong_FromSsize_t(start), PyLong_FromSsize_t(end)};
    return tuple_of(NULL, values, 2);
}

/* Give the parts of marks that lie in a piece, counted from its start. */
static PyObject *inside(const Pieces *marks, Piece piece) {
    Py_ssize_t first = 0, last;
    while (first < marks->count && marks->items[first].end <= piece.start) first++;
    for (last = first; last < marks->count && marks->items[last].start < piece.end;) last++;
    PyObject *tuple = PyTuple_New(last - first);
    for (Py_ssize_t i = first; tuple && i < last; i++) {
        Piece mark = marks->items[i];
        Py_ssize_t start = mark.start > piece.start ? mark.start : piece.start;
        Py_ssize_t end = mark.end < piece.end ? mark.end : piece.end;
        PyObject *own = pair(start - piece.start, end - piece.start);
        if (own) PyTuple_SetItem(tuple, i - first, own);
        else Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *snippet(const Reader *reader, PyObject *text, Piece piece, const Pieces *marks,
                         int cut_before, int cut_after) {
    PyObject *values[] = {
        PyUnicode_Substring(text, piece.start, piece.end),
        inside(marks, piece),
        PyBool_FromLong(cut_before),
        PyBool_FromLong(cut_after),
    };
    return tuple_of(&reader->snippet, values, 4);
}

static PyObject *snippets_of(const Text *text, const Pieces *chosen, const Pieces *marks) {
    Py_ssize_t first = after_all(text, 0, SPACE), last = text->length;
    while (last > 0 && is(text, last - 1, SPACE)) last--;
    PyObject *tuple = PyTuple_New(chosen->count);
    for (Py_ssize_t i = 0; tuple && i < chosen->count; i++) {
        Piece piece = chosen->items[i];
        PyObject *own = snippet(text->reader, text->text, piece, marks, piece.start > first,
                                piece.end < last);
        if (own) PyTuple_SetItem(tuple, i, own);
        else Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *sentences_of(const Reader *reader, const Pieces *found) {
    PyObject *list = PyList_New(found->count);
    for (Py_ssize_t i = 0; list && i < found->count; i++) {
        Piece own = found->items[i];
        PyObject *values[] = {
            PyLong_FromSsize_t(own.start),
            PyLong_FromSsize_t(own.end),
            PyBool_FromLong((long)own.tag),
        };
        PyObject *sentence = tuple_of(&reader->sentence, values, 3);
        if (sentence) PyList_SetItem(list, i, sentence);
        else Py_CLEAR(list);
    }
    return list;
}

/* ---- calls -------------------------------------------------------------------------------- */

/* sentences(text, start, end) -> a list of sentences, or None */
static PyObject *sentences(PyObject *self, PyObject *arguments) {
    const Reader *reader = (const Reader *)self;
    PyObject *string, *result = NULL;
    Py_ssize_t start, end;
    if (!PyArg_ParseTuple(arguments, "Unn", &string, &start, &end)) return NULL;
    if (start < 0 || end < start || end > PyUnicode_GetLength(string)) return Py_NewRef(Py_None);
    Text text = {0};
    Pieces found = {0};
    int odd = copy(&text, reader, string, start > LONGEST ? start - LONGEST : 0, end);
    if (odd > 0) result = Py_NewRef(Py_None);
    else if (!odd && !read_sentences(&text, start - text.low, &found))
        result = sentences_of(reader, &found);
    free(text.letters);
    free(found.items);
    return result;
}

/* Tell whether arguments are a text of no unusual length, matches, and two numbers; as above. */
static int read_arguments(PyObject *const *arguments, Py_ssize_t count, Py_ssize_t *limit,
                          Py_ssize_t *length) {
    if (count != 4 || !PyUnicode_Check(arguments[0])) {
        PyErr_SetString(PyExc_TypeError, "a text, matches and two numbers are required");
        return -1;
    }
    *limit = PyLong_AsSsize_t(arguments[2]);
    if (*limit == -1 && PyErr_Occurred()) return -1;
    *length = PyLong_AsSsize_t(arguments[3]);
    if (*length == -1 && PyErr_Occurred()) return -1;
    return *length < 0 || *length > LARGEST || PyUnicode_GetLength(arguments[0]) > STRETCH;
}

/* snippets(text, matches, limit, length) -> a tuple of snippets, or None */
static PyObject *snippets(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    Reader *reader = (Reader *)self;
    Py_ssize_t limit, length;
    Text text = {0};
    Pieces matches = {0}, marks = {0}, chosen = {0};
    PyObject *result = NULL;
    int odd = read_arguments(arguments, count, &limit, &length);
    if (!odd) odd = copy(&text, reader, arguments[0], 0, STRETCH);
    if (!odd) odd = read_matches(reader, arguments[1], text.length, &matches, &marks);
    if (!odd) odd = choose_fragments(&text, &matches, &marks, limit, length, &chosen);
    if (odd > 0) result = Py_NewRef(Py_None);
    else if (!odd) result = snippets_of(&text, &chosen, &marks);
    free(text.letters);
    free(matches.items);
    free(marks.items);
    free(chosen.items);
    return result;
}

/* mark(text, matches) -> a snippet of the whole text, or None */
static PyObject *mark(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    Reader *reader = (Reader *)self;
    Pieces matches = {0}, marks = {0};
    PyObject *result = NULL;
    if (count != 2 || !PyUnicode_Check(arguments[0])) {
        PyErr_SetString(PyExc_TypeError, "a text and matches are required");
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GetLength(arguments[0]);
    int odd = read_matches(reader, arguments[1], length, &matches, &marks);
    if (odd > 0) result = Py_NewRef(Py_None);
    else if (!odd) result = snippet(reader, arguments[0], (Piece){0, length, 0}, &marks, 0, 0);
    free(matches.items);
    free(marks.items);
    return result;
}

/* ---- the module --------------------------------------------------------------------------- */

static void drop(PyObject *self) {
    Reader *reader = (Reader *)self;
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(reader->sentence.type);
    Py_XDECREF(reader->snippet.type);
    Py_XDECREF(reader->ends);
    Py_XDECREF(reader->abbreviations);
    for (int name = START; name <= CLAUSE; name++) Py_XDECREF(reader->names[name]);
    Py_XDECREF(reader->named);
    free(reader->classes);
    release(self);
    Py_DECREF(type);
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Reader *reader = (Reader *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(reader->sentence.type);
    Py_VISIT(reader->snippet.type);
    Py_VISIT(reader->named);
    Py_VISIT(reader->ends);
    Py_VISIT(reader->abbreviations);
    return 0;
}

static int take_type(Made *made, PyObject *type) {
    if (!PyType_IsSubtype((PyTypeObject *)type, &PyTuple_Type)) {
        PyErr_SetString(PyExc_TypeError, "sentences and snippets are tuples");
        return -1;
    }
    made->type = Py_NewRef(type);
    made->allocate = (allocfunc)PyType_GetSlot((PyTypeObject *)type, Py_tp_alloc);
    return 0;
}

static int take_names(Reader *reader) {
    static const char *const names[] = {"start", "end", "clause"};
    for (int name = START; name <= CLAUSE; name++) {
        reader->names[name] = PyUnicode_InternFromString(names[name]);
        if (!reader->names[name]) return -1;
    }
    return 0;
}

static int take_classes(Reader *reader, const char *classes, Py_ssize_t span) {
    reader->span = span;
    reader->classes = malloc((size_t)span + 1);
    if (!reader->classes) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(reader->classes, classes, (size_t)span);
    reader->classes[0] = 0;
    reader->regular = span > ',' && !has_rare_borders(reader->classes, span);
    return 0;
}

/* Reader(classes, sentence, snippet, ends, abbreviations) */
static PyObject *make(PyTypeObject *type, PyObject *arguments, PyObject *names) {
    const char *classes;
    Py_ssize_t span;
    PyObject *sentence, *snippet, *ends, *abbreviations;
    (void)names;
    if (!PyArg_ParseTuple(arguments, "y#O!O!OO!", &classes, &span, &PyType_Type, &sentence,
                          &PyType_Type, &snippet, &ends, &PyFrozenSet_Type, &abbreviations))
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Reader *reader = (Reader *)allocate(type, 0);
    if (!reader) return NULL;
    reader->ends = Py_NewRef(ends);
    reader->abbreviations = Py_NewRef(abbreviations);
    if (!take_type(&reader->sentence, sentence) && !take_type(&reader->snippet, snippet) &&
        !take_names(reader) && !take_classes(reader, classes, span))
        return (PyObject *)reader;
    Py_DECREF(reader);
    return NULL;
}

static PyMethodDef methods[] = {
    {"sentences", sentences, METH_VARARGS, "List the sentences of a stretch, or give None."},
    {"snippets", (PyCFunction)(void (*)(void))snippets, METH_FASTCALL, "Choose fragments, or give None."},
    {"mark", (PyCFunction)(void (*)(void))mark, METH_FASTCALL, "Mark a whole text, or give None."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, make},
    {Py_tp_dealloc, drop},
    {Py_tp_traverse, traverse},
    {Py_tp_methods, methods},
    {Py_tp_doc, "A reader of texts that are shown."},
    {0, NULL},
};

static PyType_Spec specification = {
    "searchsvc.highlighting._highlighting.Reader", sizeof(Reader), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_highlighting", NULL, 0, NULL, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__highlighting(void) {
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
