/* The scanner's vocabulary: from folded forms to their numbers, new ones in the order they come. */

#include "_scanner.h"

#include <sys/mman.h>

#define LARGE_PAGE ((size_t)2 << 20)

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

/* Find a form's entry; NULL where it has none. */
static const Entry *entry_of(const Scanner *scanner, uint32_t hash, const uint16_t *form,
                             Py_ssize_t length) {
    size_t slot = hash & (scanner->capacity - 1);
    for (; scanner->entries[slot].length; slot = (slot + 1) & (scanner->capacity - 1))
        if (is_of(scanner, &scanner->entries[slot], hash, form, length))
            return &scanner->entries[slot];
    return NULL;
}

/* Make room for the line of a new form; gives its number, -1 with an exception set. */
static int32_t next_number(Scanner *scanner, size_t size) {
    size_t count = (size_t)scanner->count, wanted = scanner->written + size + 1;
    if (scanner->count >= INT32_MAX - scanner->known) {
        PyErr_SetString(PyExc_OverflowError, "too many forms");
        return -1;
    }
    if (count == scanner->places) {
        size_t *ends = realloc(scanner->ends, (2 * count + 64) * sizeof *ends);
        if (ends) {
            scanner->ends = ends;
            scanner->places = 2 * count + 64;
        }
    }
    if (wanted > scanner->space) {
        char *lines = realloc(scanner->lines, 2 * wanted);
        if (lines) {
            scanner->lines = lines;
            scanner->space = 2 * wanted;
        }
    }
    if (count < scanner->places && wanted <= scanner->space)
        return scanner->known + scanner->count;
    PyErr_NoMemory();
    return -1;
}

/* Write the line that there is room for. */
static void write_line(Scanner *scanner, const char *bytes, size_t size) {
    memcpy(scanner->lines + scanner->written, bytes, size);
    scanner->written += size;
    scanner->lines[scanner->written++] = '\n';
    scanner->ends[scanner->count++] = scanner->written;
}

/* Encode letters below U+10000 as UTF-8; gives how many bytes they take. */
static size_t encode(const uint16_t *letters, Py_ssize_t length, char *bytes) {
    size_t size = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        uint16_t letter = letters[i];
        if (letter < 0x80) bytes[size++] = (char)letter;
        else if (letter < 0x800) bytes[size++] = (char)(0xC0 | letter >> 6);
        else {
            bytes[size++] = (char)(0xE0 | letter >> 12);
            bytes[size++] = (char)(0x80 | (letter >> 6 & 0x3F));
        }
        if (letter >= 0x80) bytes[size++] = (char)(0x80 | (letter & 0x3F));
    }
    return size;
}

/* Take the letters of a string that may have an entry; 0 where it cannot, -1 with an exception. */
static Py_ssize_t letters_of(PyObject *form, uint16_t *letters) {
    Py_UCS4 wide[LONGEST], all = 0;
    Py_ssize_t length = PyUnicode_GetLength(form);
    if (length < 1 || length > LONGEST) return length < 0 ? -1 : 0;
    if (!PyUnicode_AsUCS4(form, wide, LONGEST, 0)) return -1;
    for (Py_ssize_t i = 0; i < length; i++) {
        all |= wide[i];
        letters[i] = (uint16_t)wide[i];
    }
    return all > UINT16_MAX ? 0 : length;
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

int32_t number_of(Scanner *scanner, uint32_t hash, const uint16_t *form, Py_ssize_t length) {
    const Entry *entry = entry_of(scanner, hash, form, length);
    if (entry) return entry->number;
    char bytes[3 * LONGEST];
    size_t size = encode(form, length, bytes);
    int32_t number = next_number(scanner, size);
    if (number < 0 || enter(scanner, hash, form, length, number) < 0) return -1;
    write_line(scanner, bytes, size);
    return number;
}

/* Give the number of a string that can have no entry; -1 with an exception set. */
static int32_t number_otherwise(Scanner *scanner, PyObject *form) {
    char *bytes;
    Py_ssize_t size;
    PyObject *known = PyDict_GetItemWithError(scanner->numbers, form);
    if (known || PyErr_Occurred()) return known ? (int32_t)PyLong_AsLong(known) : -1;
    PyObject *line = PyUnicode_AsEncodedString(form, "utf-8", "surrogatepass");
    int failed = !line || PyBytes_AsStringAndSize(line, &bytes, &size) < 0;
    int32_t next = failed ? -1 : next_number(scanner, (size_t)size);
    PyObject *number = next < 0 ? NULL : PyLong_FromLong(next);
    if (!number || PyDict_SetItem(scanner->numbers, form, number) < 0) next = -1;
    else write_line(scanner, bytes, (size_t)size);
    Py_XDECREF(number);
    Py_XDECREF(line);
    return next;
}

int32_t number_of_string(Scanner *scanner, PyObject *form) {
    uint16_t letters[LONGEST];
    Py_ssize_t length = letters_of(form, letters);
    if (length < 0) return -1;
    if (!length) return number_otherwise(scanner, form);
    return number_of(scanner, hashed(scanner, letters, length), letters, length);
}

/* ---- forms that it begins with ------------------------------------------------------------ */

#define TOGETHER 16 /* forms that are entered at once: memory answers meanwhile */

typedef struct {
    uint32_t hash;
    int32_t number;
    Py_ssize_t length;
    uint16_t letters[LONGEST];
} Form;

/* Decode UTF-8; gives how many letters there are, 0 where they cannot have an entry. */
static Py_ssize_t decoded(const uint8_t *at, const uint8_t *end, uint16_t *letters) {
    Py_ssize_t length = 0;
    while (at < end) {
        int more = *at < 0x80 ? 0 : (*at & 0xE0) == 0xC0 ? 1 : (*at & 0xF0) == 0xE0 ? 2 : 3;
        if (more == 3 || end - at <= more || length == LONGEST) return 0;
        uint32_t code = more ? *at & (0x3F >> more) : *at;
        for (int i = 1; i <= more; i++) code = code << 6 | (at[i] & 0x3F);
        letters[length++] = (uint16_t)code;
        at += more + 1;
    }
    return length;
}

/* Remember the number of a form that can have no entry; -1 with an exception set. */
static int remember(Scanner *scanner, const uint8_t *at, const uint8_t *end, int32_t own) {
    PyObject *form = PyUnicode_DecodeUTF8((const char *)at, end - at, "surrogatepass");
    PyObject *number = form ? PyLong_FromLong(own) : NULL;
    int failed = !number || PyDict_SetItem(scanner->numbers, form, number) < 0;
    Py_XDECREF(form);
    Py_XDECREF(number);
    return failed ? -1 : 0;
}

/* Enter some forms, which have none yet; -1 with an exception set. */
static int enter_all(Scanner *scanner, const Form *forms, int count) {
    for (int i = 0; i < count; i++)
        if (enter(scanner, forms[i].hash, forms[i].letters, forms[i].length, forms[i].number) < 0)
            return -1;
    return 0;
}

/* Enter the forms of lines; -1 with an exception set. */
static int enter_known(Scanner *scanner, const uint8_t *at, const uint8_t *end) {
    Form forms[TOGETHER];
    int count = 0;
    for (int32_t number = 0; number < scanner->known; number++) {
        const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        Form *form = &forms[count];
        form->length = decoded(at, stop, form->letters);
        if (form->length) {
            form->hash = hashed(scanner, form->letters, form->length);
            form->number = number;
            __builtin_prefetch(&scanner->entries[form->hash & (scanner->capacity - 1)], 1);
            count++;
        } else if (remember(scanner, at, stop, number) < 0) return -1;
        if (count == TOGETHER) {
            if (enter_all(scanner, forms, count) < 0) return -1;
            count = 0;
        }
        at = stop + 1;
    }
    return enter_all(scanner, forms, count);
}

int make_vocabulary(Scanner *scanner, const char *lines, Py_ssize_t size) {
    const char *at = lines, *end = lines + size;
    size_t capacity = 1 << 14;
    Py_ssize_t known = size > 0;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        at++;
        known++;
    }
    if (known >= INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "too many forms");
        return -1;
    }
    scanner->known = (int32_t)known;
    while (3 * capacity < 4 * (size_t)known) capacity *= 2;
    if (make_entries(scanner, capacity) < 0) return -1;
    return enter_known(scanner, (const uint8_t *)lines, (const uint8_t *)end);
}
