/* The highlighter: texts and places of matches come in, sentences and snippets go out.
 *
 * Whatever is not as it always is (characters that the table lacks, very long texts, many clauses)
 * is answered with None, and `sentences.py` and `portable_fragments.py`, which do the same without
 * these files, read it.
 */

#include "_highlighting.h"

#define STRETCH 200000 /* code points of a text that is read here; portable_fragments.STRETCH */
#define CLAUSES 64
#define LARGEST (1 << 30) /* code points of a fragment, which keeps sums in their range */

/* The numbers of a place; marks.PLACE. */
enum { ZONE, POSITION, START, END, CLAUSE, NUMBERS };
enum { IN_TEXT, IN_TITLE };

/* What is asked for: matches of the first clauses, so many fragments of so many letters. */
typedef struct {
    Py_ssize_t clauses, limit, length;
} Wish;

/* What texts are read with, one after another. */
typedef struct {
    Text text;
    Pieces matches, marks, chosen;
} Work;

/* ---- what comes in ------------------------------------------------------------------------ */

/* These give 0, 1 where Python has to do it, -1 with an exception set. */

/* Tell whether letters are beyond the table. */
static int has_more(const Text *text, int32_t span) {
    int32_t all = 0;
    for (Py_ssize_t i = 0; i < text->length; i += STRIDE)
        for (int j = 0; j < STRIDE; j++) all |= span - 1 - (int32_t)text->letters[i + j];
    return all < 0;
}

/* Make room for so many letters and the zeros behind them; -1 with an exception set. */
static int reserve(Text *text, Py_ssize_t letters) {
    if (letters + STRIDE <= text->room) return 0;
    free(text->letters);
    text->room = letters + letters / 2 + STRIDE;
    text->letters = malloc((size_t)text->room * sizeof *text->letters);
    if (text->letters) return 0;
    text->room = 0;
    PyErr_NoMemory();
    return -1;
}

/* Copy the letters of a text between two places. */
static int copy(Text *text, const Reader *reader, PyObject *string, Py_ssize_t low, Py_ssize_t end) {
    PyObject *part = PyUnicode_Substring(string, low, end);
    if (!part) return -1;
    text->reader = reader;
    text->text = string;
    text->low = low;
    text->length = PyUnicode_GetLength(part);
    int failed = reserve(text, text->length) < 0;
    if (!failed) {
        memset(text->letters + text->length, 0, STRIDE * sizeof *text->letters);
        failed = !PyUnicode_AsUCS4(part, text->letters, text->length + 1, 1);
    }
    Py_DECREF(part);
    return failed ? -1 : has_more(text, (int32_t)reader->span);
}

/* Read the matches in a zone of the first clauses, sort them, and list their marks. Those that are
 * not in a text of so many letters are left out. */
static int read_places(Work *work, PyObject *places, int zone, Py_ssize_t clauses,
                       Py_ssize_t length) {
    const char *at = PyBytes_AsString(places), *end = at + PyBytes_Size(places);
    int64_t place[NUMBERS];
    work->matches.count = work->marks.count = 0;
    if ((end - at) % (Py_ssize_t)sizeof place) {
        PyErr_SetString(PyExc_ValueError, "a place is five numbers");
        return -1;
    }
    for (; at < end; at += sizeof place) {
        memcpy(place, at, sizeof place);
        if (place[ZONE] != zone || place[CLAUSE] >= clauses) continue;
        if (place[START] < 0 || place[START] >= place[END] || place[END] > length) continue;
        if (place[CLAUSE] < 0 || place[CLAUSE] >= CLAUSES) return 1;
        if (append(&work->matches, (Py_ssize_t)place[START], (Py_ssize_t)place[END],
                   (uint64_t)place[CLAUSE]) < 0)
            return -1;
    }
    sort(&work->matches);
    return merge(&work->matches, &work->marks);
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

/* Choose the fragments of a text; NULL as `odd` says where Python has to, or with an exception set. */
static PyObject *fragments(Work *work, const Reader *reader, const Wish *wish, PyObject *text,
                           PyObject *places, int *odd) {
    work->chosen.count = 0;
    *odd = PyUnicode_GetLength(text) > STRETCH;
    if (!*odd) *odd = copy(&work->text, reader, text, 0, STRETCH);
    if (!*odd) *odd = read_places(work, places, IN_TEXT, wish->clauses, work->text.length);
    if (!*odd)
        *odd = choose_fragments(&work->text, &work->matches, &work->marks, wish->limit,
                                wish->length, &work->chosen);
    return *odd ? NULL : snippets_of(&work->text, &work->chosen, &work->marks);
}

/* Mark a whole text; as above. */
static PyObject *marked(Work *work, const Reader *reader, Py_ssize_t clauses, PyObject *text,
                        PyObject *places, int zone, int *odd) {
    Py_ssize_t length = PyUnicode_GetLength(text);
    *odd = read_places(work, places, zone, clauses, length);
    return *odd ? NULL : snippet(reader, text, (Piece){0, length, 0}, &work->marks, 0, 0);
}

/* Show a row: a title, a text, and the places of matches; as above. */
static PyObject *show(Work *work, const Reader *reader, const Wish *wish, PyObject *row, int *odd) {
    PyObject *title, *text, *places, *pair[2] = {NULL, NULL};
    *odd = -1;
    if (!row || !PyTuple_Check(row)) {
        PyErr_SetString(PyExc_TypeError, "rows are tuples");
        return NULL;
    }
    if (!PyArg_ParseTuple(row, "UUS", &title, &text, &places)) return NULL;
    pair[0] = marked(work, reader, wish->clauses, title, places, IN_TITLE, odd);
    if (pair[0]) pair[1] = fragments(work, reader, wish, text, places, odd);
    if (pair[1]) return tuple_of(NULL, pair, 2);
    Py_XDECREF(pair[0]);
    return NULL;
}

static void let_go(Work *work) {
    free(work->text.letters);
    free(work->matches.items);
    free(work->marks.items);
    free(work->chosen.items);
}

static int is_odd(const Wish *wish) {
    return wish->length < 0 || wish->length > LARGEST;
}

/* shown(rows, clauses, limit, length) -> a list of pairs: a title's snippet, a text's; or None.
 * `rows` is a list of titles, texts and places; matches of the first clauses are shown. */
static PyObject *shown(PyObject *self, PyObject *arguments) {
    const Reader *reader = (const Reader *)self;
    PyObject *rows, *list;
    Work work = {0};
    Wish wish;
    if (!PyArg_ParseTuple(arguments, "O!nnn", &PyList_Type, &rows, &wish.clauses, &wish.limit,
                          &wish.length))
        return NULL;
    Py_ssize_t count = PyList_Size(rows);
    list = PyList_New(count);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        int odd = is_odd(&wish);
        PyObject *row = Py_XNewRef(PyList_GetItem(rows, i)); /* to ask may change the list */
        PyObject *pair = odd ? NULL : show(&work, reader, &wish, row, &odd);
        Py_XDECREF(row);
        if (!pair && odd > 0) pair = Py_NewRef(Py_None);
        if (pair) PyList_SetItem(list, i, pair);
        else Py_CLEAR(list);
    }
    let_go(&work);
    return list;
}

/* snippets(text, places, limit, length) -> a tuple of snippets, or None */
static PyObject *snippets(PyObject *self, PyObject *arguments) {
    PyObject *text, *places, *result = NULL;
    Work work = {0};
    Wish wish = {.clauses = PY_SSIZE_T_MAX};
    if (!PyArg_ParseTuple(arguments, "USnn", &text, &places, &wish.limit, &wish.length)) return NULL;
    int odd = is_odd(&wish);
    if (!odd) result = fragments(&work, (const Reader *)self, &wish, text, places, &odd);
    let_go(&work);
    return !result && odd > 0 ? Py_NewRef(Py_None) : result;
}

/* mark(text, places) -> a snippet of the whole text, or None */
static PyObject *mark(PyObject *self, PyObject *arguments) {
    PyObject *text, *places;
    Work work = {0};
    int odd;
    if (!PyArg_ParseTuple(arguments, "US", &text, &places)) return NULL;
    PyObject *result =
        marked(&work, (const Reader *)self, PY_SSIZE_T_MAX, text, places, IN_TEXT, &odd);
    let_go(&work);
    return !result && odd > 0 ? Py_NewRef(Py_None) : result;
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
    free(reader->classes);
    free(reader->short_ones);
    release(self);
    Py_DECREF(type);
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Reader *reader = (Reader *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(reader->sentence.type);
    Py_VISIT(reader->snippet.type);
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

/* Take abbreviations, short ones as numbers too; -1 with an exception set. */
static int take_abbreviations(Reader *reader, PyObject *words) {
    Py_UCS4 letters[SURE];
    reader->abbreviations = Py_NewRef(words);
    reader->short_ones = malloc(((size_t)PySet_Size(words) + 1) * sizeof *reader->short_ones);
    PyObject *word, *every = reader->short_ones ? PyObject_GetIter(words) : PyErr_NoMemory();
    while (every && (word = PyIter_Next(every))) {
        Py_ssize_t count = PyUnicode_Check(word) ? PyUnicode_GetLength(word) : SURE;
        if (count < SURE && PyUnicode_AsUCS4(word, letters, SURE, 0)) {
            uint64_t number = number_of(letters, count);
            if (number) reader->short_ones[reader->count++] = number;
        }
        Py_DECREF(word);
    }
    Py_XDECREF(every);
    if (PyErr_Occurred()) return -1;
    qsort(reader->short_ones, (size_t)reader->count, sizeof *reader->short_ones, compare_numbers);
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
    if (!take_type(&reader->sentence, sentence) && !take_type(&reader->snippet, snippet) &&
        !take_classes(reader, classes, span) && !take_abbreviations(reader, abbreviations))
        return (PyObject *)reader;
    Py_DECREF(reader);
    return NULL;
}

static PyMethodDef methods[] = {
    {"sentences", sentences, METH_VARARGS, "List the sentences of a stretch, or give None."},
    {"shown", shown, METH_VARARGS, "Mark titles and choose fragments, or give None for each."},
    {"snippets", snippets, METH_VARARGS, "Choose fragments, or give None."},
    {"mark", mark, METH_VARARGS, "Mark a whole text, or give None."},
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
