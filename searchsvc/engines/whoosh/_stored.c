/* Stored articles: from the bytes of one article to its object, in one pass.
 *
 * What comes in is the JSON that `stored.py` writes, in an encoding of one byte a letter or UTF-8.
 * Read is what stands there all the time: strings, lists of strings, true. Wherever there is
 * anything else (\u escapes in UTF-8, other spaces, unknown fields, damage) the answer is None, and
 * `stored.py`, which does the same without this file, reads the article or says what is wrong.
 * Bytes objects end with a zero byte, which is no letter: every loop stops there.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define FIELDS 32  /* the most an article may have */
#define LETTERS 256
#define RUSSIAN 0x350 /* from a byte of cp1251 to its letter, from 0xC0 on: А to я */
#define LARGEST ((uint64_t)1 << 30) /* bytes of an article; stored.LARGEST */

typedef enum { STRING, STRINGS, FLAG, DATE } Kind;

/* A slot of a type: its `__setattr__` refuses values, as instances are immutable; a slot's own
 * descriptor takes them. */
typedef struct {
    PyObject *descriptor;
    descrsetfunc set;
} Slot;

typedef struct {
    PyObject *name;        /* str */
    const char *written;   /* the same in UTF-8; `name` holds it */
    Py_ssize_t length;
    PyObject *otherwise;   /* the value where the field is left out */
    Kind kind;
    Slot slot;
} Field;

typedef struct {
    PyObject *type;
    newfunc make;
} Made;

typedef struct {
    PyObject_HEAD
    Made article, date;
    PyObject *moment, *precisions; /* what makes a date's start; its precisions by name */
    PyObject *none;                /* () */
    Slot id, start, precision;
    Field fields[FIELDS];
    Py_ssize_t count;
    uint8_t narrow, wide;       /* the first byte of what can be read: a byte a letter, UTF-8 */
    uint16_t letters[LETTERS];  /* by byte; 0 where it is none or means something in JSON */
    int regular;                /* whether ASCII and Russian letters stand there as in cp1251 */
} Reader;

/* ---- one article -------------------------------------------------------------------------- */

/* Functions that give NULL or -1 without an exception say: this is not for us to read. */
typedef struct {
    const Reader *reader;
    const uint8_t *at, *end;
    uint16_t *room; /* for the letters of one string */
    int wide;       /* they are UTF-8 */
    PyObject *values[FIELDS];
} Article;

static uint16_t escaped(uint8_t letter) {
    switch (letter) {
        case 'n': return '\n';
        case 't': return '\t';
        case 'r': return '\r';
        case 'b': return '\b';
        case 'f': return '\f';
        case '"': case '\\': case '/': return letter;
        default: return 0;
    }
}

static int digit(uint8_t letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    letter |= 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Read the four digits of \u, up to the first byte that is none; 0 where they are not four. */
static uint16_t read_code(const uint8_t *at) {
    int code = 0;
    for (int i = 0; i < 4; i++) {
        int value = digit(at[i]);
        if (value < 0) return 0;
        code = code << 4 | value;
    }
    return (uint16_t)code;
}

/* A string's letters while they are read: where the next byte is and its letter goes. */
typedef struct {
    const uint8_t *at;
    uint16_t *out, all; /* all: the bits of the letters */
} Letters;

#ifdef __SSE2__
#define STEP 16
/* Copy the ASCII and Russian letters that stand here up to another byte, sixteen at a time. Behind
 * them as many places of `out` are written to as bytes are left. */
static void copy_regular(Letters *letters, const uint8_t *end) {
    const __m128i zero = _mm_setzero_si128(), russian = _mm_set1_epi16(RUSSIAN);
    int others = 0;
    while (!others && end - letters->at >= STEP) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)letters->at);
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
        __m128i sign = _mm_cmplt_epi8(bytes, _mm_set1_epi8(-64)); /* 0x80 to 0xBF */
        __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
        __m128i high = _mm_cmplt_epi8(bytes, zero);
        others = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(control, sign), _mm_or_si128(quote, slash)));
        __m128i low_half = _mm_and_si128(_mm_unpacklo_epi8(high, high), russian);
        __m128i high_half = _mm_and_si128(_mm_unpackhi_epi8(high, high), russian);
        low_half = _mm_add_epi16(low_half, _mm_unpacklo_epi8(bytes, zero));
        high_half = _mm_add_epi16(high_half, _mm_unpackhi_epi8(bytes, zero));
        _mm_storeu_si128((__m128i *)letters->out, low_half);
        _mm_storeu_si128((__m128i *)(letters->out + STEP / 2), high_half);
        int count = others ? __builtin_ctz((unsigned)others) : STEP;
        if (_mm_movemask_epi8(high) & ((1 << count) - 1)) letters->all |= 0x400;
        letters->at += count;
        letters->out += count;
    }
}
#else
static void copy_regular(Letters *letters, const uint8_t *end) {
    (void)letters;
    (void)end;
}
#endif

static PyObject *read_narrow(Article *article) {
    const Reader *reader = article->reader;
    const uint8_t *begin = article->at + 1;
    Letters letters = {begin, article->room, 0};
    if (*article->at != '"') return NULL;
    for (;;) {
        if (reader->regular) copy_regular(&letters, article->end);
        uint16_t letter = reader->letters[*letters.at];
        if (!letter) {
            if (*letters.at == '"') break;
            if (*letters.at != '\\') return NULL;
            letter = *++letters.at == 'u' ? read_code(letters.at + 1) : escaped(*letters.at);
            if (!letter) return NULL;
            if (*letters.at == 'u') letters.at += 4;
        }
        *letters.out++ = letter;
        letters.all |= letter;
        letters.at++;
    }
    article->at = letters.at + 1;
    Py_ssize_t count = letters.out - article->room;
    if (letters.all < 128 && letters.at - begin == count)
        return PyUnicode_FromStringAndSize((const char *)begin, count);
    static const uint16_t one = 1;
    int order = *(const uint8_t *)&one ? -1 : 1;
    return PyUnicode_DecodeUTF16((const char *)article->room, count * 2, "surrogatepass", &order);
}

/* Find the first byte from a place on that means something in a string of JSON. */
static const uint8_t *first_special(const uint8_t *at, const uint8_t *end) {
#ifdef __SSE2__
    for (; end - at >= STEP; at += STEP) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)at);
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
        __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
        int special = _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, slash)));
        if (special) return at + __builtin_ctz((unsigned)special);
    }
#endif
    (void)end; /* a zero stands there */
    while (*at >= ' ' && *at != '"' && *at != '\\') at++;
    return at;
}

static PyObject *read_wide(Article *article) {
    const uint8_t *at = article->at;
    char *out = (char *)article->room;
    if (*at++ != '"') return NULL;
    for (;;) {
        const uint8_t *stop = first_special(at, article->end);
        uint16_t letter;
        memcpy(out, at, (size_t)(stop - at));
        out += stop - at;
        at = stop;
        if (*at == '"') break;
        if (*at != '\\' || !(letter = escaped(at[1]))) return NULL;
        *out++ = (char)letter;
        at += 2;
    }
    article->at = at + 1;
    return PyUnicode_DecodeUTF8((char *)article->room, out - (char *)article->room, "surrogatepass");
}

static PyObject *read_string(Article *article) {
    return article->wide ? read_wide(article) : read_narrow(article);
}

/* Append the strings of a list, of which there is one at least; 0 where it was read to its end. */
static int append_strings(Article *article, PyObject *list) {
    if (*article->at++ != '[') return -1;
    for (;;) {
        PyObject *string = read_string(article);
        int failed = !string || PyList_Append(list, string) < 0;
        Py_XDECREF(string);
        if (failed) return -1;
        if (*article->at == ']') {
            article->at++;
            return 0;
        }
        if (article->at[0] != ',' || article->at[1] != ' ') return -1;
        article->at += 2;
    }
}

static PyObject *read_strings(Article *article) {
    PyObject *tuple = NULL, *list = PyList_New(0);
    if (list && !append_strings(article, list)) tuple = PyList_AsTuple(list);
    Py_XDECREF(list);
    return tuple;
}

static PyObject *read_flag(Article *article) {
    if (strncmp((const char *)article->at, "true", 4)) return NULL;
    article->at += 4;
    return Py_NewRef(Py_True);
}

static int set(PyObject *object, const Slot *slot, PyObject *value) {
    return slot->set(slot->descriptor, object, value);
}

/* Make an instance whose values are still to be set. */
static PyObject *blank(const Reader *reader, const Made *made) {
    return made->make((PyTypeObject *)made->type, reader->none, NULL);
}

static PyObject *made_date(const Reader *reader, PyObject *written, PyObject *name) {
    PyObject *precision = PyDict_GetItemWithError(reader->precisions, name);
    if (!precision) return NULL;
    PyObject *start = PyObject_CallFunctionObjArgs(reader->moment, written, NULL);
    PyObject *date = start ? blank(reader, &reader->date) : NULL;
    int failed = !date || set(date, &reader->start, start) < 0 ||
                 set(date, &reader->precision, precision) < 0;
    Py_XDECREF(start);
    if (!failed) return date;
    Py_XDECREF(date);
    return NULL;
}

static PyObject *read_date(Article *article) {
    PyObject *date = NULL, *pair = read_strings(article);
    if (pair && PyTuple_Size(pair) == 2)
        date = made_date(article->reader, PyTuple_GetItem(pair, 0), PyTuple_GetItem(pair, 1));
    Py_XDECREF(pair);
    return date;
}

/* Find the field whose name stands in quotes here and go behind `": `; -1: there is none. */
static Py_ssize_t read_name(Article *article) {
    const Reader *reader = article->reader;
    const uint8_t *name = article->at, *end;
    if (*name++ != '"') return -1;
    for (end = name; (*end >= 'a' && *end <= 'z') || *end == '_';) end++;
    if (end[0] != '"' || end[1] != ':' || end[2] != ' ') return -1;
    article->at = end + 3;
    for (Py_ssize_t i = 0; i < reader->count; i++) {
        const Field *field = &reader->fields[i];
        if (field->length == end - name && !memcmp(field->written, name, (size_t)field->length))
            return i;
    }
    return -1;
}

static int read_field(Article *article) {
    Py_ssize_t number = read_name(article);
    if (number < 0 || article->values[number]) return -1;
    PyObject *value = NULL;
    switch (article->reader->fields[number].kind) {
        case STRING: value = read_string(article); break;
        case STRINGS: value = read_strings(article); break;
        case FLAG: value = read_flag(article); break;
        case DATE: value = read_date(article); break;
    }
    article->values[number] = value;
    return value ? 0 : -1;
}

static int read_fields(Article *article, const uint8_t *end) {
    if (*article->at++ != '{') return -1;
    while (!read_field(article)) {
        if (*article->at == '}') return article->at + 1 == end ? 0 : -1;
        if (article->at[0] != ',' || article->at[1] != ' ') return -1;
        article->at += 2;
    }
    return -1;
}

static PyObject *made_article(const Article *article, PyObject *id) {
    const Reader *reader = article->reader;
    PyObject *object = blank(reader, &reader->article);
    int failed = !object || set(object, &reader->id, id) < 0;
    for (Py_ssize_t i = 0; !failed && i < reader->count; i++) {
        const Field *field = &reader->fields[i];
        PyObject *value = article->values[i];
        failed = set(object, &field->slot, value ? value : field->otherwise) < 0;
    }
    if (!failed) return object;
    Py_XDECREF(object);
    return NULL;
}

/* Read the article that bytes hold; None where `stored.py` has to. */
static PyObject *read_bytes(const Reader *reader, PyObject *data, PyObject *id) {
    Article article = {.reader = reader};
    PyObject *result = NULL;
    Py_ssize_t size = PyBytes_Size(data);
    const uint8_t *bytes = (const uint8_t *)PyBytes_AsString(data);
    if (!size || (*bytes != reader->narrow && *bytes != reader->wide)) return Py_NewRef(Py_None);
    article.wide = *bytes == reader->wide;
    article.at = bytes + 1;
    article.end = bytes + size;
    article.room = malloc((size_t)size * sizeof *article.room);
    if (!article.room) return PyErr_NoMemory();
    int failed = read_fields(&article, article.end);
    if (!failed) result = made_article(&article, id);
    else if (!PyErr_Occurred()) result = Py_NewRef(Py_None);
    free(article.room);
    for (Py_ssize_t i = 0; i < reader->count; i++) Py_XDECREF(article.values[i]);
    return result;
}

/* article(data, id) -> the article, or None where `stored.py` has to read it */
static PyObject *read_article(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    if (count != 2 || !PyBytes_Check(arguments[0]) || !PyUnicode_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "bytes and an id are required");
        return NULL;
    }
    return read_bytes((Reader *)self, arguments[0], arguments[1]);
}

/* ---- one block ---------------------------------------------------------------------------- */

/* Tell whether a frame of zstd says what it unpacks to, and that this is no more than it may be
 * (RFC 8878, 3.1.1.1). */
static int says_size(const uint8_t *frame, Py_ssize_t size) {
    static const uint8_t magic[] = {0x28, 0xB5, 0x2F, 0xFD}, ids[] = {0, 1, 2, 4};
    if (size < 5 || memcmp(frame, magic, sizeof magic)) return 0;
    int alone = frame[4] >> 5 & 1, bytes = 1 << (frame[4] >> 6);
    if (bytes == 1) bytes = alone;
    Py_ssize_t place = 5 + !alone + ids[frame[4] & 3];
    uint64_t content = 0;
    if (!bytes || place + bytes > size) return 0;
    for (int i = 0; i < bytes; i++) content |= (uint64_t)frame[place + i] << 8 * i;
    return content <= LARGEST;
}

/* Blocks of a store: the first of each stands at its start, numbers of 4 or 8 bytes. */
typedef struct {
    Py_buffer bytes, starts;
    PyObject *decompress; /* decompress(frame) -> bytes */
} Blocks;

static Py_ssize_t start_of(const Blocks *blocks, Py_ssize_t doc) {
    if (blocks->starts.itemsize == 4) return ((const uint32_t *)blocks->starts.buf)[doc];
    return (Py_ssize_t)((const int64_t *)blocks->starts.buf)[doc];
}

/* Tell whether a document has a block in the store. */
static int has_block(const Blocks *blocks, Py_ssize_t doc) {
    if (doc < 0 || doc + 1 >= blocks->starts.len / blocks->starts.itemsize) return 0;
    Py_ssize_t start = start_of(blocks, doc), end = start_of(blocks, doc + 1);
    return 0 <= start && start <= end && end <= blocks->bytes.len;
}

/* Unpack a block with Python's help. NULL without an exception: it is not for us to unpack. */
static PyObject *decompressed(const Blocks *blocks, Py_ssize_t doc) {
    if (!has_block(blocks, doc)) return NULL;
    Py_ssize_t start = start_of(blocks, doc), size = start_of(blocks, doc + 1) - start;
    char *frame = (char *)blocks->bytes.buf + start;
    if (!says_size((const uint8_t *)frame, size)) return NULL;
    PyObject *view = PyMemoryView_FromMemory(frame, size, PyBUF_READ);
    PyObject *data = view ? PyObject_CallFunctionObjArgs(blocks->decompress, view, NULL) : NULL;
    Py_XDECREF(view);
    return data;
}

/* Give a document's article, or what it unpacks to where `stored.py` has to read that, or None where
 * it has to do all; NULL with an exception set. */
static PyObject *unpack(const Reader *reader, const Blocks *blocks, PyObject *doc, PyObject *id) {
    PyObject *article = NULL;
    if (!id || !PyUnicode_Check(id)) {
        PyErr_SetString(PyExc_TypeError, "every article has an id");
        return NULL;
    }
    Py_ssize_t number = PyLong_AsSsize_t(doc);
    if (number == -1 && PyErr_Occurred()) return NULL;
    PyObject *data = decompressed(blocks, number);
    if (data && PyBytes_Check(data)) article = read_bytes(reader, data, id);
    else if (!PyErr_Occurred()) article = Py_NewRef(Py_None);
    if (data && article == Py_None) {
        Py_DECREF(article);
        return data;
    }
    Py_XDECREF(data);
    return article;
}

#define LINE 64   /* bytes that memory answers with */
#define AHEAD 512 /* bytes of a block that are asked for before the first one is unpacked */

/* Ask memory for the blocks of documents, all at once: ten random articles take 68 µs, not 73. */
static void prefetch(const Blocks *blocks, PyObject *docs) {
    Py_ssize_t count = PyTuple_Size(docs);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t doc = PyLong_AsSsize_t(PyTuple_GetItem(docs, i));
        if (!has_block(blocks, doc)) continue;
        Py_ssize_t start = start_of(blocks, doc), end = start_of(blocks, doc + 1);
        if (end > start + AHEAD) end = start + AHEAD;
        for (; start < end; start += LINE)
            __builtin_prefetch((const char *)blocks->bytes.buf + start);
    }
    PyErr_Clear(); /* what is no number is refused when it is unpacked */
}

static PyObject *unpack_all(const Reader *reader, const Blocks *blocks, PyObject *docs, PyObject *ids) {
    Py_ssize_t count = PyTuple_Size(docs);
    PyObject *list = PyList_New(count);
    if (list) prefetch(blocks, docs);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        PyObject *own = unpack(reader, blocks, PyTuple_GetItem(docs, i), PyTuple_GetItem(ids, i));
        if (own) PyList_SetItem(list, i, own);
        else Py_CLEAR(list);
    }
    return list;
}

/* unpacked(bytes, starts, docs, ids, decompress) -> a list: the article of each, bytes or None */
static PyObject *unpacked(PyObject *self, PyObject *arguments) {
    PyObject *bytes, *starts, *docs, *ids, *list = NULL;
    Blocks blocks;
    if (!PyArg_ParseTuple(arguments, "OOO!O!O", &bytes, &starts, &PyTuple_Type, &docs,
                          &PyTuple_Type, &ids, &blocks.decompress))
        return NULL;
    if (PyTuple_Size(docs) != PyTuple_Size(ids)) {
        PyErr_SetString(PyExc_ValueError, "documents and ids are as many");
        return NULL;
    }
    if (PyObject_GetBuffer(bytes, &blocks.bytes, PyBUF_SIMPLE) < 0) return NULL;
    if (!PyObject_GetBuffer(starts, &blocks.starts, PyBUF_ND)) {
        Py_ssize_t size = blocks.starts.itemsize;
        if ((size == 4 || size == 8) && !((uintptr_t)blocks.starts.buf % (size_t)size))
            list = unpack_all((Reader *)self, &blocks, docs, ids);
        else PyErr_SetString(PyExc_ValueError, "starts are numbers of 4 or 8 bytes");
        PyBuffer_Release(&blocks.starts);
    }
    PyBuffer_Release(&blocks.bytes);
    return list;
}

/* ---- the module --------------------------------------------------------------------------- */

static void drop(PyObject *self) {
    Reader *reader = (Reader *)self;
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyObject_GC_UnTrack(self);
    for (Py_ssize_t i = 0; i < reader->count; i++) {
        Py_XDECREF(reader->fields[i].name);
        Py_XDECREF(reader->fields[i].otherwise);
        Py_XDECREF(reader->fields[i].slot.descriptor);
    }
    Py_XDECREF(reader->article.type);
    Py_XDECREF(reader->date.type);
    Py_XDECREF(reader->moment);
    Py_XDECREF(reader->precisions);
    Py_XDECREF(reader->none);
    Py_XDECREF(reader->id.descriptor);
    Py_XDECREF(reader->start.descriptor);
    Py_XDECREF(reader->precision.descriptor);
    release(self);
    Py_DECREF(type);
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Reader *reader = (Reader *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(reader->article.type);
    Py_VISIT(reader->date.type);
    Py_VISIT(reader->moment);
    Py_VISIT(reader->precisions);
    for (Py_ssize_t i = 0; i < reader->count; i++) Py_VISIT(reader->fields[i].otherwise);
    return 0;
}

/* Find the slot of an attribute; -1 with an exception set. */
static int find_slot(const Made *made, const char *name, Slot *slot) {
    slot->descriptor = PyObject_GetAttrString(made->type, name);
    if (!slot->descriptor) return -1;
    slot->set = (descrsetfunc)PyType_GetSlot(Py_TYPE(slot->descriptor), Py_tp_descr_set);
    if (slot->set) return 0;
    PyErr_Format(PyExc_TypeError, "%s is no slot", name);
    return -1;
}

static void take_type(Made *made, PyObject *type) {
    made->type = Py_NewRef(type);
    made->make = (newfunc)PyType_GetSlot((PyTypeObject *)type, Py_tp_new);
}

/* Take a field and its default, which tells what kind it is: "", (), False or None of a date. */
static int take_field(Reader *reader, PyObject *name, PyObject *otherwise) {
    Field *field = &reader->fields[reader->count];
    if (reader->count == FIELDS || !PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_ValueError, "too many fields, or one without a name");
        return -1;
    }
    field->written = PyUnicode_AsUTF8AndSize(name, &field->length);
    if (!field->written) return -1;
    field->kind = PyUnicode_Check(otherwise) ? STRING
                  : PyTuple_Check(otherwise) ? STRINGS
                  : PyBool_Check(otherwise)  ? FLAG
                                             : DATE;
    field->name = Py_NewRef(name);
    field->otherwise = Py_NewRef(otherwise);
    reader->count++;
    return find_slot(&reader->article, field->written, &field->slot);
}

static void take_letters(Reader *reader, const char *letters) {
    memcpy(reader->letters, letters, sizeof reader->letters);
    for (int each = 0; each < ' '; each++) reader->letters[each] = 0;
    reader->letters['"'] = reader->letters['\\'] = 0;
    reader->regular = 1;
    for (int each = ' '; each < LETTERS; each++) {
        int letter = each < 128 ? each : each + RUSSIAN;
        if (each == '"' || each == '\\' || (each >= 128 && each < 0xC0)) continue;
        if (reader->letters[each] != letter) reader->regular = 0;
    }
}

/* Reader(article, fields, date, moment, precisions, encodings, letters): `fields` has defaults by
 * name, `encodings` the first bytes of what is narrow and wide, `letters` (256,) code points of 16
 * bits by byte. */
static PyObject *make(PyTypeObject *type, PyObject *arguments, PyObject *names) {
    PyObject *article, *fields, *date, *moment, *precisions, *name, *otherwise;
    const char *encodings, *letters;
    Py_ssize_t written, size, place = 0;
    (void)names;
    if (!PyArg_ParseTuple(arguments, "O!O!O!OO!y#y#", &PyType_Type, &article, &PyDict_Type, &fields,
                          &PyType_Type, &date, &moment, &PyDict_Type, &precisions, &encodings,
                          &written, &letters, &size))
        return NULL;
    if (written != 2 || size != LETTERS * 2) {
        PyErr_SetString(PyExc_ValueError, "two bytes and 256 letters are required");
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Reader *reader = (Reader *)allocate(type, 0);
    if (!reader) return NULL;
    take_type(&reader->article, article);
    take_type(&reader->date, date);
    reader->moment = Py_NewRef(moment);
    reader->precisions = Py_NewRef(precisions);
    reader->narrow = (uint8_t)encodings[0];
    reader->wide = (uint8_t)encodings[1];
    take_letters(reader, letters);
    reader->none = PyTuple_New(0);
    int failed = !reader->none || find_slot(&reader->article, "id", &reader->id) < 0 ||
                 find_slot(&reader->date, "start", &reader->start) < 0 ||
                 find_slot(&reader->date, "precision", &reader->precision) < 0;
    while (!failed && PyDict_Next(fields, &place, &name, &otherwise))
        failed = take_field(reader, name, otherwise);
    if (!failed) return (PyObject *)reader;
    Py_DECREF(reader);
    return NULL;
}

static PyMethodDef methods[] = {
    {"article", (PyCFunction)(void (*)(void))read_article, METH_FASTCALL, "Read an article, or give None."},
    {"unpacked", unpacked, METH_VARARGS, "Unpack and read some, or give None for each."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, make},
    {Py_tp_dealloc, drop},
    {Py_tp_traverse, traverse},
    {Py_tp_methods, methods},
    {Py_tp_doc, "A reader of stored articles."},
    {0, NULL},
};

static PyType_Spec specification = {
    "searchsvc.engines.whoosh._stored.Reader", sizeof(Reader), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_stored", NULL, 0, NULL, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__stored(void) {
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
