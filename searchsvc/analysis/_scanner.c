/* The analyzer's inner loop: from a text to the numbers of its words' forms, and their places.
 *
 * A text comes in, arrays go out. What stands in texts all the time is read here: words of letters
 * and digits, and such words joined by hyphens. Wherever more could belong to a piece (decimals,
 * addresses, apostrophes, stress marks, letters of both scripts in one word) Python's `piece` is
 * asked about that one place, so that the rules stand in `tokenizer.py` and `folding.py` only.
 * `scanner.py` makes the tables and does the same without this file.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What a character is, in the table of classes. */
enum {
    WORD = 1,     /* letters and digits */
    DECIMAL = 2,  /* digits */
    HYPHEN = 4,   /* joins words into a compound */
    JOINER = 8,   /* inside a word only: apostrophes, soft hyphens */
    MORE = 16,    /* behind a word it belongs to a longer piece: _ @ + # and marks */
    ADDRESS = 32, /* may stand in the name of an e-mail address */
};

#define LONGEST 200 /* characters of a form; tokenizer.MAX_FORM */
#define LOCAL 64    /* characters of an e-mail address before its @ */

/* ---- arrays that grow --------------------------------------------------------------------- */

typedef struct {
    int32_t *items;
    Py_ssize_t count, room;
} Numbers;

static int append(Numbers *numbers, Py_ssize_t value) {
    if (numbers->count == numbers->room) {
        Py_ssize_t room = numbers->room ? 2 * numbers->room : 256;
        int32_t *items = realloc(numbers->items, (size_t)room * sizeof *items);
        if (!items) {
            PyErr_NoMemory();
            return -1;
        }
        numbers->items = items;
        numbers->room = room;
    }
    numbers->items[numbers->count++] = (int32_t)value;
    return 0;
}

static PyObject *as_bytes(const Numbers *numbers) {
    return PyBytes_FromStringAndSize((const char *)numbers->items, numbers->count * 4);
}

/* ---- the vocabulary: forms by number ------------------------------------------------------ */

#define LARGE_PAGE ((size_t)2 << 20)
#define SHORT 11 /* letters of a form that stands in its entry, which is half a cache line */

typedef struct {
    uint32_t hash;
    int32_t number;
    uint16_t length; /* 0: free */
    uint16_t form[SHORT]; /* of a longer one where it begins in `letters`, 8 bytes */
} Entry;

typedef struct {
    PyObject_HEAD
    uint8_t *classes;   /* by code point, below `span` */
    Py_ssize_t span;
    uint16_t *folded;   /* by code point, below `plain`: 0 where fold() is to be asked */
    Py_ssize_t plain;
    uint16_t narrow[256]; /* code points of the bytes of a text that has a byte a letter */
    uint16_t quick[256];  /* of those bytes the folded letters of plain words, 0 for others */
    uint8_t scripts[256]; /* 1: Latin, 2: Cyrillic */
    PyObject *numbers;  /* dict: form to number; `forms` is the list of them */
    PyObject *forms;
    PyObject *piece;    /* what is asked: piece(text, start) -> (end, form, parts or None) */
    Entry *entries;     /* a faster way to the numbers of plain forms */
    size_t capacity, used;
    uint16_t *letters;
    size_t filled, room;
    uint64_t secret;
} Scanner;

/* Hash a form, four letters at a time. */
static uint32_t hashed(const Scanner *scanner, const uint16_t *form, Py_ssize_t length) {
    uint64_t hash = scanner->secret ^ (uint64_t)length, word;
    for (; length > 0; form += 4, length -= 4) {
        word = form[0];
        if (length >= 4) memcpy(&word, form, sizeof word);
        else if (length == 3) word |= (uint64_t)form[1] << 16 | (uint64_t)form[2] << 32;
        else if (length == 2) word |= (uint64_t)form[1] << 16;
        hash = (hash ^ word) * (scanner->secret | 1);
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

/* Tell whether an entry is that of a form. */
static int is_of(const Scanner *scanner, const Entry *entry, uint32_t hash, const uint16_t *form,
                 Py_ssize_t length) {
    const uint16_t *own = entry->form;
    uint64_t key;
    if (entry->hash != hash || entry->length != length) return 0;
    if (length > SHORT) {
        memcpy(&key, own, sizeof key);
        own = scanner->letters + key;
    }
    for (Py_ssize_t i = 0; i < length; i++)
        if (own[i] != form[i]) return 0;
    return 1;
}

/* Find where the entry of a hash belongs that has none yet. */
static Entry *free_slot(Entry *entries, size_t capacity, uint32_t hash) {
    size_t slot = hash & (capacity - 1);
    while (entries[slot].length) slot = (slot + 1) & (capacity - 1);
    return &entries[slot];
}

/* Give zeros, from the beginning of a page on: 16 MB are looked at in any order, and to find the
 * place of a page of 4 KB took half of the time, so that large ones are asked for. */
static void *zeros(size_t size) {
    void *block = NULL;
    size_t page = size < LARGE_PAGE ? 64 : LARGE_PAGE;
    if (posix_memalign(&block, page, size) != 0) return NULL;
#ifdef MADV_HUGEPAGE
    if (page == LARGE_PAGE) madvise(block, size, MADV_HUGEPAGE);
#endif
    return memset(block, 0, size);
}

/* Begin a table of so many free entries; the old one's are moved to it. */
static int make_entries(Scanner *scanner, size_t capacity) {
    Entry *entries = zeros(capacity * sizeof *entries);
    if (!entries) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < scanner->capacity; i++) {
        Entry *entry = &scanner->entries[i];
        if (entry->length) *free_slot(entries, capacity, entry->hash) = *entry;
    }
    free(scanner->entries);
    scanner->entries = entries;
    scanner->capacity = capacity;
    return 0;
}

/* Make room for a long form's letters; -1 with an exception set. */
static int make_room(Scanner *scanner, Py_ssize_t length) {
    if (scanner->filled + (size_t)length <= scanner->room) return 0;
    size_t room = 2 * scanner->room + LONGEST;
    uint16_t *letters = realloc(scanner->letters, room * sizeof *letters);
    if (!letters) {
        PyErr_NoMemory();
        return -1;
    }
    scanner->letters = letters;
    scanner->room = room;
    return 0;
}

/* Give a string's number, a new one where it has none; -1 with an exception set. */
static int32_t number_of_string(Scanner *scanner, PyObject *form) {
    PyObject *known = PyDict_GetItemWithError(scanner->numbers, form);
    if (known) {
        long number = PyLong_AsLong(known);
        if (number >= 0 && number <= INT32_MAX) return (int32_t)number;
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "a form has a wrong number");
        return -1;
    }
    if (PyErr_Occurred()) return -1;
    Py_ssize_t next = PyList_Size(scanner->forms);
    if (next < 0) return -1;
    if (next >= INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "too many forms");
        return -1;
    }
    PyObject *number = PyLong_FromSsize_t(next);
    int failed = !number || PyDict_SetItem(scanner->numbers, form, number) < 0 ||
                 PyList_Append(scanner->forms, form) < 0;
    Py_XDECREF(number);
    return failed ? -1 : (int32_t)next;
}

/* Enter a form that has no entry yet; -1 with an exception set. */
static int enter(Scanner *scanner, uint32_t hash, const uint16_t *form, Py_ssize_t length,
                 int32_t number) {
    Entry entry = {hash, number, (uint16_t)length, {0}};
    if (4 * (scanner->used + 1) > 3 * scanner->capacity &&
        make_entries(scanner, 2 * scanner->capacity) < 0)
        return -1;
    if (length > SHORT) {
        uint64_t key = scanner->filled;
        if (make_room(scanner, length) < 0) return -1;
        memcpy(scanner->letters + key, form, (size_t)length * sizeof *form);
        memcpy(entry.form, &key, sizeof key);
        scanner->filled += (size_t)length;
    } else memcpy(entry.form, form, (size_t)length * sizeof *form);
    *free_slot(scanner->entries, scanner->capacity, hash) = entry;
    scanner->used++;
    return 0;
}

/* Give the number of a folded form of plain letters; -1 with an exception set. */
static int32_t number_of(Scanner *scanner, uint32_t hash, const uint16_t *form,
                         Py_ssize_t length) {
    size_t slot = hash & (scanner->capacity - 1);
    for (; scanner->entries[slot].length; slot = (slot + 1) & (scanner->capacity - 1))
        if (is_of(scanner, &scanner->entries[slot], hash, form, length))
            return scanner->entries[slot].number;
    wchar_t wide[LONGEST];
    for (Py_ssize_t i = 0; i < length; i++) wide[i] = form[i];
    PyObject *string = PyUnicode_FromWideChar(wide, length);
    if (!string) return -1;
    int32_t number = number_of_string(scanner, string);
    Py_DECREF(string);
    return number < 0 || enter(scanner, hash, form, length, number) < 0 ? -1 : number;
}

/* Enter the forms that the vocabulary begins with; -1 with an exception set. */
static int enter_known(Scanner *scanner) {
    Py_ssize_t count = PyList_Size(scanner->forms);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_UCS4 wide[LONGEST], all = 0;
        uint16_t letters[LONGEST];
        PyObject *form = PyList_GetItem(scanner->forms, i);
        if (!PyUnicode_Check(form) || count > INT32_MAX) {
            PyErr_SetString(PyExc_TypeError, "forms are texts, and not too many");
            return -1;
        }
        Py_ssize_t length = PyUnicode_GetLength(form);
        if (length < 1 || length > LONGEST) continue;
        if (!PyUnicode_AsUCS4(form, wide, LONGEST, 0)) return -1;
        for (Py_ssize_t j = 0; j < length; j++) {
            all |= wide[j];
            letters[j] = (uint16_t)wide[j];
        }
        if (all > UINT16_MAX) continue;
        if (enter(scanner, hashed(scanner, letters, length), letters, length, (int32_t)i) < 0)
            return -1;
    }
    return 0;
}

/* ---- one text ----------------------------------------------------------------------------- */

#define AHEAD 24   /* forms that wait: memory answers meanwhile, which takes longer than reading */
#define WAITING 1024 /* letters of those */

typedef struct {
    uint32_t hash;
    int32_t length, letters; /* its letters begin there in `waiting` */
    Numbers *into;           /* where its number is written */
    Py_ssize_t at;
} Asked;

typedef struct {
    Scanner *scanner;
    PyObject *text; /* NULL as long as nobody asks for what came as bytes */
    const uint8_t *bytes; /* those, with a zero behind them, or NULL */
    Py_UCS4 *at; /* a zero behind it, whose class is 0 */
    Py_ssize_t length;
    int wants_terms, wants_places;
    Numbers terms, starts, ends, compounds; /* compounds: pairs of position and form */
    Py_ssize_t tokens, most; /* reading ends with the piece that has the token `most` */
    int count, letters;
    Asked asked[AHEAD];
    uint16_t waiting[WAITING];
} Scan;

/* Write the numbers of the forms that wait, in their order; -1 with an exception set. */
static int answer(Scan *scan) {
    for (int i = 0; i < scan->count; i++) {
        const Asked *asked = &scan->asked[i];
        int32_t number = number_of(scan->scanner, asked->hash, scan->waiting + asked->letters,
                                   asked->length);
        if (number < 0) return -1;
        asked->into->items[asked->at] = number;
    }
    scan->count = scan->letters = 0;
    return 0;
}

/* Append the number of a folded form, which is written later; -1 with an exception set. */
static int append_number(Scan *scan, Numbers *into, const uint16_t *form, Py_ssize_t length) {
    const Scanner *scanner = scan->scanner;
    if ((scan->count == AHEAD || scan->letters + length > WAITING) && answer(scan) < 0) return -1;
    uint32_t hash = hashed(scanner, form, length);
    __builtin_prefetch(&scanner->entries[hash & (scanner->capacity - 1)]);
    memcpy(scan->waiting + scan->letters, form, (size_t)length * sizeof *form);
    scan->asked[scan->count++] =
        (Asked){hash, (int32_t)length, scan->letters, into, into->count};
    scan->letters += (int)length;
    return append(into, 0);
}

static int class_at(const Scan *scan, Py_ssize_t place) {
    return scan->scanner->classes[scan->at[place]];
}

/* Tell whether the piece that begins here cannot be an address though a dot is inside. */
static int no_address(const Scan *scan, Py_ssize_t place) {
    Py_ssize_t end = place;
    while (end - place <= LOCAL && class_at(scan, end) & ADDRESS && scan->at[end] != '@') end++;
    if (scan->at[end] == '@') return 0;
    return (scan->at[place] | 0x20) != 'w'; /* www. */
}

/* Find the end of a piece of words and hyphens alone; 0 where Python has to be asked. */
static Py_ssize_t plain_end(const Scan *scan, Py_ssize_t place, int *hyphens) {
    Py_ssize_t start = place;
    *hyphens = 0;
    for (;;) {
        int kind, digits = DECIMAL;
        for (; (kind = class_at(scan, place)) & WORD; place++) digits &= kind;
        if (place == scan->length) return place;
        Py_UCS4 letter = scan->at[place];
        int next = class_at(scan, place + 1);
        if (kind & HYPHEN) {
            if (next & WORD) {
                ++*hyphens;
                place++;
                continue;
            }
            return next & ADDRESS ? 0 : place;
        }
        if (kind & MORE) return 0;
        if (kind & JOINER) return next & WORD ? 0 : place;
        if (letter == '.') {
            if (!(next & ADDRESS)) return place;
            return !digits && !*hyphens && no_address(scan, start) ? place : 0;
        }
        if (letter == ',') return digits && next & DECIMAL ? 0 : place;
        if (letter == ':' && place + 1 < scan->length && scan->at[place + 1] == '/') return 0;
        return place;
    }
}

/* Fold plain letters; 0 where fold() has to be asked: other letters, both scripts in a word. */
static int fold(const Scan *scan, Py_ssize_t start, Py_ssize_t end, uint16_t *form) {
    const Scanner *scanner = scan->scanner;
    int latin = 0, cyrillic = 0;
    for (Py_ssize_t place = start; place < end; place++) {
        Py_UCS4 letter = scan->at[place];
        if (scanner->classes[letter] & HYPHEN) {
            latin = cyrillic = 0;
            *form++ = '-';
            continue;
        }
        uint16_t folded = (Py_ssize_t)letter < scanner->plain ? scanner->folded[letter] : 0;
        if (!folded) return 0;
        cyrillic |= folded >= 0x400;
        latin |= folded >= 'a' && folded <= 'z';
        if (latin & cyrillic) return 0;
        *form++ = folded;
    }
    return 1;
}

static int add(Scan *scan, Py_ssize_t start, Py_ssize_t end) {
    scan->tokens++;
    if (!scan->wants_places) return 0;
    return append(&scan->starts, start) < 0 || append(&scan->ends, end) < 0 ? -1 : 0;
}

static int add_compound(Scan *scan, int32_t number) {
    return append(&scan->compounds, scan->tokens) < 0 || append(&scan->compounds, number) < 0
               ? -1
               : 0;
}

/* Add the words of a plain piece, and the whole where hyphens join them: `form` is folded. */
static int add_plain(Scan *scan, Py_ssize_t start, Py_ssize_t end, int hyphens,
                     const uint16_t *form) {
    if (scan->wants_terms && hyphens) {
        if (append(&scan->compounds, scan->tokens) < 0 ||
            append_number(scan, &scan->compounds, form, end - start) < 0)
            return -1;
    }
    while (start < end) {
        Py_ssize_t stop = hyphens ? start : end;
        while (stop < end && class_at(scan, stop) & WORD) stop++;
        if (scan->wants_terms) {
            if (append_number(scan, &scan->terms, form, stop - start) < 0) return -1;
            form += stop + 1 - start;
        }
        if (add(scan, start, stop) < 0) return -1;
        start = stop + 1;
    }
    return 0;
}

static int add_asked_part(Scan *scan, Py_ssize_t start, Py_ssize_t end, PyObject *form) {
    if (start < 0 || end > scan->length || start >= end) {
        PyErr_SetString(PyExc_ValueError, "a part stands outside the text");
        return -1;
    }
    if (scan->wants_terms) {
        int32_t number = number_of_string(scan->scanner, form);
        if (number < 0 || append(&scan->terms, number) < 0) return -1;
    }
    return add(scan, start, end);
}

static int add_asked_parts(Scan *scan, PyObject *form, PyObject *parts) {
    if (scan->wants_terms) {
        int32_t whole = number_of_string(scan->scanner, form);
        if (whole < 0 || add_compound(scan, whole) < 0) return -1;
    }
    Py_ssize_t count = PyTuple_Size(parts);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t start, end;
        PyObject *part = PyTuple_GetItem(parts, i), *own;
        if (!part || !PyTuple_Check(part)) {
            if (part) PyErr_SetString(PyExc_TypeError, "a part is a tuple");
            return -1;
        }
        if (!PyArg_ParseTuple(part, "nnU", &start, &end, &own)) return -1;
        if (add_asked_part(scan, start, end, own) < 0) return -1;
    }
    return count < 0 ? -1 : 0;
}

/* Make the text of what came as bytes. */
static PyObject *wide_text(const Scan *scan) {
    wchar_t *wide = malloc(((size_t)scan->length + 1) * sizeof *wide);
    if (!wide) return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < scan->length; i++) wide[i] = (wchar_t)scan->at[i];
    PyObject *text = PyUnicode_FromWideChar(wide, scan->length);
    free(wide);
    return text;
}

/* Let Python read the piece at a place; gives its end, -1 with an exception set. */
static Py_ssize_t ask(Scan *scan, Py_ssize_t place) {
    PyObject *form, *parts;
    Py_ssize_t end = -1;
    if (answer(scan) < 0 || (!scan->text && !(scan->text = wide_text(scan)))) return -1;
    PyObject *asked = PyObject_CallFunction(scan->scanner->piece, "On", scan->text, place);
    if (!asked) return -1;
    if (!PyTuple_Check(asked)) PyErr_SetString(PyExc_TypeError, "a piece is a tuple");
    else if (PyArg_ParseTuple(asked, "nUO", &end, &form, &parts)) {
        int failed;
        if (end <= place || end > scan->length) {
            PyErr_SetString(PyExc_ValueError, "a piece ends outside the text");
            failed = 1;
        } else if (parts == Py_None) failed = add_asked_part(scan, place, end, form) < 0;
        else if (PyTuple_Check(parts)) failed = add_asked_parts(scan, form, parts) < 0;
        else {
            PyErr_SetString(PyExc_TypeError, "parts are a tuple");
            failed = 1;
        }
        if (failed) end = -1;
    } else end = -1;
    Py_DECREF(asked);
    return end;
}

/* Find the end of a decimal («5,5», «5.5») and of nothing else; 0 where Python has to be asked. */
static Py_ssize_t decimal_end(const Scan *scan, Py_ssize_t place) {
    const Py_UCS4 *at = scan->at;
    Py_ssize_t end = place;
    while (class_at(scan, end) & DECIMAL) end++;
    if (end == place || (at[end] != ',' && at[end] != '.')) return 0;
    if (place > 1 && (at[place - 1] == ',' || at[place - 1] == '.') &&
        class_at(scan, place - 2) & DECIMAL)
        return 0;
    if (at[end] == '.' && !no_address(scan, place)) return 0;
    Py_ssize_t fraction = ++end;
    while (class_at(scan, end) & DECIMAL) end++;
    if (end == fraction || class_at(scan, end) & (HYPHEN | JOINER | MORE)) return 0;
    if ((at[end] == ',' || at[end] == '.') && class_at(scan, end + 1) & DECIMAL) return 0;
    return end;
}

/* Read the piece that begins at a letter or digit; gives its end, -1 with an exception set. */
static Py_ssize_t read_piece(Scan *scan, Py_ssize_t place) {
    uint16_t form[LONGEST];
    int hyphens;
    Py_ssize_t end = plain_end(scan, place, &hyphens);
    if (!end && !scan->wants_terms) {
        end = decimal_end(scan, place);
        if (end) return add(scan, place, end) < 0 ? -1 : end;
    }
    if (!end) return ask(scan, place);
    if (scan->wants_terms && (end - place > LONGEST || !fold(scan, place, end, form)))
        return ask(scan, place);
    return add_plain(scan, place, end, hyphens, form) < 0 ? -1 : end;
}

/* Tell whether a word ends here, whatever it is: nothing behind it could belong to it. */
static int is_end(const Scan *scan, Py_ssize_t place) {
    int kind = class_at(scan, place);
    if (kind & (WORD | HYPHEN | JOINER | MORE)) return 0;
    Py_UCS4 letter = scan->at[place];
    if (letter == '.') return !(class_at(scan, place + 1) & ADDRESS);
    if (letter == ',') return !(class_at(scan, place + 1) & DECIMAL);
    return letter != ':';
}

/* Add a word of plain letters; 0 where it may be something else, -1 with an exception set. */
static Py_ssize_t read_quickly(Scan *scan, Py_ssize_t start) {
    const Scanner *scanner = scan->scanner;
    if ((scan->count == AHEAD || scan->letters + LONGEST > WAITING) && answer(scan) < 0) return -1;
    uint16_t *form = scan->waiting + scan->letters, letter;
    Py_ssize_t length = 0;
    int scripts = 0;
    for (const uint8_t *at = scan->bytes + start; (letter = scanner->quick[*at]); at++) {
        if (length == LONGEST) return 0;
        form[length++] = letter;
        scripts |= scanner->scripts[*at];
    }
    if (!length || scripts == 3 || !is_end(scan, start + length)) return 0;
    uint32_t hash = hashed(scanner, form, length);
    __builtin_prefetch(&scanner->entries[hash & (scanner->capacity - 1)]);
    scan->asked[scan->count++] =
        (Asked){hash, (int32_t)length, scan->letters, &scan->terms, scan->terms.count};
    scan->letters += (int)length;
    if (append(&scan->terms, 0) < 0 || add(scan, start, start + length) < 0) return -1;
    return start + length;
}

static int read_text(Scan *scan) {
    for (Py_ssize_t place = 0; place < scan->length && scan->tokens < scan->most;) {
        if (class_at(scan, place) & WORD) {
            Py_ssize_t end = scan->bytes ? read_quickly(scan, place) : 0;
            place = end ? end : read_piece(scan, place);
            if (place < 0) return -1;
        } else place++;
    }
    return answer(scan);
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
    scan->at = malloc(((size_t)length + 1) * sizeof *scan->at);
    if (scan->at) return 0;
    PyErr_NoMemory();
    return -1;
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
    scan->at[length] = 0;
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
    for (Py_ssize_t i = 0; i < scan->length; i++) all |= scan->at[i];
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

static void drop(PyObject *self) {
    Scanner *scanner = (Scanner *)self;
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(scanner->numbers);
    Py_XDECREF(scanner->forms);
    Py_XDECREF(scanner->piece);
    free(scanner->classes);
    free(scanner->folded);
    free(scanner->entries);
    free(scanner->letters);
    release(self);
    Py_DECREF(type);
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Scanner *scanner = (Scanner *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(scanner->numbers);
    Py_VISIT(scanner->forms);
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

/* Scanner(classes, folded, narrow, secret, numbers, forms, piece) */
static PyObject *make(PyTypeObject *type, PyObject *arguments, PyObject *names) {
    const char *classes, *folded, *narrow;
    Py_ssize_t span, plain, size;
    unsigned long long secret;
    PyObject *numbers, *forms, *piece;
    if (names && PyDict_Size(names)) {
        PyErr_SetString(PyExc_TypeError, "arguments go by their places");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "y#y#y#KO!O!O", &classes, &span, &folded, &plain, &narrow,
                          &size, &secret, &PyDict_Type, &numbers, &PyList_Type, &forms, &piece))
        return NULL;
    if (size != sizeof ((Scanner *)NULL)->narrow) {
        PyErr_SetString(PyExc_ValueError, "the bytes' code points are not 256");
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Scanner *scanner = (Scanner *)allocate(type, 0);
    if (!scanner) return NULL;
    scanner->numbers = Py_NewRef(numbers);
    scanner->forms = Py_NewRef(forms);
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
    size_t capacity = 1 << 14;
    while (3 * capacity < 4 * (size_t)PyList_Size(forms)) capacity *= 2;
    if (make_entries(scanner, capacity) < 0) {
        Py_DECREF(scanner);
        return NULL;
    }
    memcpy(scanner->classes, classes, (size_t)span);
    scanner->classes[0] = 0;
    memcpy(scanner->folded, folded, (size_t)plain);
    make_narrow(scanner, narrow);
    if (enter_known(scanner) < 0) {
        Py_DECREF(scanner);
        return NULL;
    }
    return (PyObject *)scanner;
}

static PyMethodDef methods[] = {
    {"terms", scan_terms, METH_O, "Give the numbers of the forms, and of whole compounds."},
    {"places", scan_places, METH_VARARGS, "Give where the first tokens start and end."},
    {"scan", scan_all, METH_O, "Give forms, compounds, starts and ends."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, make},
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
