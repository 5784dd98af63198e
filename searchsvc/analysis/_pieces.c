/* The scanner's way through a text, piece by piece: words, words joined by hyphens, decimals. */

#include "_scanner.h"

#define LOCAL 64 /* characters of an e-mail address before its @ */

int grow(Numbers *numbers, Py_ssize_t more) {
    if (numbers->count + more <= numbers->room) return 0;
    Py_ssize_t room = 2 * numbers->room + more;
    if (room < 256) room = 256;
    int32_t *items = realloc(numbers->items, (size_t)room * sizeof *items);
    if (!items) {
        PyErr_NoMemory();
        return -1;
    }
    numbers->items = items;
    numbers->room = room;
    return 0;
}

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
            if (*hyphens || (digits && next & DECIMAL)) return 0;
            return no_address(scan, start) ? place : 0;
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

/* Find the end of digits with two dots or more («19.02.2021»); else as `decimal_end`. */
static Py_ssize_t dotted_end(const Scan *scan, Py_ssize_t place) {
    Py_ssize_t end = place;
    int dots = 0;
    while (class_at(scan, end) & DECIMAL) end++;
    while (end > place && scan->at[end] == '.' && class_at(scan, end + 1) & DECIMAL)
        for (dots++, end++; class_at(scan, end) & DECIMAL;) end++;
    if (dots < 2 || class_at(scan, end) & (HYPHEN | JOINER | MORE)) return 0;
    return no_address(scan, place) ? end : 0;
}

/* Find the end of a word with apostrophes or soft hyphens («О’Нил»); else as `decimal_end`. */
static Py_ssize_t joined_end(const Scan *scan, Py_ssize_t end) {
    while (class_at(scan, end) & WORD ||
           (class_at(scan, end) & JOINER && class_at(scan, end + 1) & WORD))
        end++;
    return is_end(scan, end) ? end : 0;
}

Py_ssize_t read_piece(Scan *scan, Py_ssize_t place) {
    uint16_t form[LONGEST];
    int hyphens;
    Py_ssize_t end = plain_end(scan, place, &hyphens);
    if (!end && !scan->wants_terms) {
        end = decimal_end(scan, place);
        if (!end) end = dotted_end(scan, place);
        if (!end) end = joined_end(scan, place);
        if (end) return add(scan, place, end) < 0 ? -1 : end;
    }
    if (!end) return ask(scan, place);
    if (scan->wants_terms && (end - place > LONGEST || !fold(scan, place, end, form)))
        return ask(scan, place);
    return add_plain(scan, place, end, hyphens, form) < 0 ? -1 : end;
}

int is_end(const Scan *scan, Py_ssize_t place) {
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

int read_text(Scan *scan) {
    for (Py_ssize_t place = 0; place < scan->length && scan->tokens < scan->most;) {
        if (class_at(scan, place) & WORD) {
            Py_ssize_t end = scan->bytes ? read_quickly(scan, place) : 0;
            place = end ? end : read_piece(scan, place);
            if (place < 0) return -1;
        } else place++;
    }
    return answer(scan);
}
