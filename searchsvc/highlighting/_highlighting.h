/* What the files of the highlighter share: a text's letters, what they are, and pieces of it. */

#ifndef HIGHLIGHTING_H
#define HIGHLIGHTING_H

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

#define STRIDE 16  /* letters that are looked at together; as many zeros stand behind a text */
#define SURE 6     /* so many letters are no abbreviation; sentences._SURE */
#define LONGEST 14 /* letters of a word that are looked at; sentences._LONGEST */

/* A subtype of tuple, and what makes one with its values to be set. */
typedef struct {
    PyObject *type;
    allocfunc allocate;
} Made;

typedef struct {
    PyObject_HEAD
    uint8_t *classes; /* by code point, below `span` */
    Py_ssize_t span;
    int regular; /* whether borders are only where `first_border` looks for them */
    Made sentence, snippet;
    PyObject *ends;          /* ends(text, at, stops, spaced) -> whether stops end a sentence */
    PyObject *abbreviations; /* a frozenset */
    uint64_t *short_ones;    /* those of up to SURE - 1 plain letters as numbers, ascending */
    Py_ssize_t count;
} Reader;

/* A text, or one end of it: places count from `low`. */
typedef struct {
    const Reader *reader;
    PyObject *text;
    Py_UCS4 *letters; /* zeros behind them, whose class is 0 */
    Py_ssize_t low, length, room;
} Text;

/* A piece of a text: a sentence, whose tag is whether it opens a line; a match, with its clause;
 * a mark or a fragment, with none. */
typedef struct {
    Py_ssize_t start, end;
    uint64_t tag;
} Piece;

typedef struct {
    Piece *items;
    Py_ssize_t count, room;
} Pieces;

/* Append a piece; -1 with an exception set. */
int append(Pieces *pieces, Py_ssize_t start, Py_ssize_t end, uint64_t tag);

static inline int is(const Text *text, Py_ssize_t place, int kind) {
    return text->reader->classes[text->letters[place]] & kind;
}

static inline Py_ssize_t after_all(const Text *text, Py_ssize_t place, int kind) {
    while (is(text, place, kind)) place++;
    return place;
}

/* Append the sentences from `start` to the end of the letters; -1 with an exception set. */
int read_sentences(const Text *text, Py_ssize_t start, Pieces *found);

/* Give the number of a word of plain letters, whatever their case; 0 of any other. */
uint64_t number_of(const Py_UCS4 *letters, Py_ssize_t count);

/* Order numbers, for qsort() and bsearch(). */
int compare_numbers(const void *one, const void *two);

/* Tell whether borders are where `read_sentences` does not look for them at once. */
int has_rare_borders(const uint8_t *classes, Py_ssize_t span);

/* Sort pieces by place and tag. */
void sort(Pieces *pieces);

/* Append the marks of sorted matches, which are one where they overlap; -1 with an exception set. */
int merge(const Pieces *matches, Pieces *marks);

/* Append at most `limit` fragments in text order; -1 with an exception set. */
int choose_fragments(const Text *text, const Pieces *matches, const Pieces *marks,
                     Py_ssize_t limit, Py_ssize_t length, Pieces *chosen);

#endif
