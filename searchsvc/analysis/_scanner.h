/* What the files of the scanner share: its tables and vocabulary, and one text that is read. */

#ifndef SCANNER_H
#define SCANNER_H

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
#define STRIDE 64   /* letters that are looked at together; as many zeros stand behind a text */

/* ---- arrays that grow --------------------------------------------------------------------- */

typedef struct {
    int32_t *items;
    Py_ssize_t count, room;
} Numbers;

/* Make room for some more numbers; -1 with an exception set. */
int grow(Numbers *numbers, Py_ssize_t more);

static inline int append(Numbers *numbers, Py_ssize_t value) {
    if (numbers->count == numbers->room && grow(numbers, 1) < 0) return -1;
    numbers->items[numbers->count++] = (int32_t)value;
    return 0;
}

/* ---- the vocabulary: forms by number ------------------------------------------------------ */

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
    int regular;          /* whether ASCII and Cyrillic letters are what they are by nature */
    int32_t known;      /* forms that it began with, whose numbers are the first */
    int32_t count;      /* forms that came to them */
    char *lines;        /* those, UTF-8, a line feed behind each */
    size_t written, space;
    size_t *ends;       /* of each line */
    size_t places;
    PyObject *numbers;  /* dict: form to number, of those that can have no entry */
    PyObject *piece;    /* what is asked: piece(text, start) -> (end, form, parts or None) */
    Entry *entries;     /* the numbers of all others */
    size_t capacity, used;
    uint16_t *letters;
    size_t filled, room;
    uint64_t secret;
} Scanner;

/* Hash a form, four letters at a time. The last of four changes the upper half of a product alone:
 * forms that differ there share their slots, whatever the secret is, if nothing comes after it. */
static inline uint32_t hashed(const Scanner *scanner, const uint16_t *form, Py_ssize_t length) {
    uint64_t hash = scanner->secret ^ (uint64_t)length, word;
    for (; length > 0; form += 4, length -= 4) {
        word = form[0];
        if (length >= 4) memcpy(&word, form, sizeof word);
        else if (length == 3) word |= (uint64_t)form[1] << 16 | (uint64_t)form[2] << 32;
        else if (length == 2) word |= (uint64_t)form[1] << 16;
        hash = (hash ^ word) * (scanner->secret | 1);
        hash ^= hash >> 32;
    }
    return (uint32_t)(hash * (scanner->secret | 1) >> 32);
}

/* Give a string's number, a new one where it has none; -1 with an exception set. */
int32_t number_of_string(Scanner *scanner, PyObject *form);

/* Give the number of a folded form of plain letters; -1 with an exception set. */
int32_t number_of(Scanner *scanner, uint32_t hash, const uint16_t *form, Py_ssize_t length);

/* Make a vocabulary and enter the forms that it begins with, distinct lines of UTF-8; -1 with an
 * exception set. */
int make_vocabulary(Scanner *scanner, const char *lines, Py_ssize_t size);

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
    Py_UCS4 *at; /* zeros behind it, whose class is 0 */
    Py_ssize_t length;
    int wants_terms, wants_places;
    Numbers terms, starts, ends, compounds; /* compounds: pairs of position and form */
    Py_ssize_t tokens, most; /* reading ends with the piece that has the token `most` */
    int count, letters;
    Asked asked[AHEAD];
    uint16_t waiting[WAITING];
} Scan;

static inline int class_at(const Scan *scan, Py_ssize_t place) {
    return scan->scanner->classes[scan->at[place]];
}

static inline int add(Scan *scan, Py_ssize_t start, Py_ssize_t end) {
    scan->tokens++;
    if (!scan->wants_places) return 0;
    return append(&scan->starts, start) < 0 || append(&scan->ends, end) < 0 ? -1 : 0;
}

/* Tell whether a word ends here, whatever it is: nothing behind it could belong to it. */
int is_end(const Scan *scan, Py_ssize_t place);

/* Read the piece that begins at a letter or digit; gives its end, -1 with an exception set. */
Py_ssize_t read_piece(Scan *scan, Py_ssize_t place);

/* Read all pieces of a text; -1 with an exception set. */
int read_text(Scan *scan);

/* Tell whether the table says of ASCII and Cyrillic letters what `read_places` takes for granted. */
int is_regular(const Scanner *scanner);

/* Find where some tokens start and end: `wanted` are int32, ascending, `found` takes pairs. Gives how
 * many of them the text has; -1 with an exception set. */
Py_ssize_t read_places(Scan *scan, const char *wanted, Py_ssize_t count, int32_t *found);

#endif
