/* What _lexicon.c finds in the dictionary's files, for _lemmatising.c, which judges it. */

#ifndef LEXICON_H
#define LEXICON_H

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

#define LONGEST 64 /* letters of a form, and of a suffix; the dictionary has words of 40 */
#define NORMAL (4 * LONGEST) /* letters of a normal form, with what stood before an analogue */
#define MOST 512   /* readings of a form; an ending has 79 */
#define DISTINCT 8 /* lemmas of a form */

enum { ENDINGS = 8 }; /* paradigm prefixes at most: «», «по», «наи» */

typedef struct {
    Py_buffer view;
    const uint32_t *units; /* how far the children are, flags, and the own label */
    const uint8_t *guide;  /* of each unit the labels of its first child and of its next sibling */
    uint32_t count;
} Graph;

#define HAS_LEAF 0x100u
#define FAR 0x200u /* the distance is counted in 256 */

typedef struct {
    uint64_t dotted; /* which letters, counted from the last, are «ё» in the dictionary */
    uint32_t words;  /* that have the ending */
    uint16_t paradigm, place;
} Reading;

enum { PARADIGMS, BEGINS, LETTERS, ENDS, ALIKE, PRODUCTIVE, TABLES };

typedef struct {
    PyObject_HEAD
    Graph words, counts, endings[ENDINGS];
    int prefixes;             /* how many there are, as many `endings` */
    Py_buffer tables[TABLES]; /* what follows stands in them */
    const uint16_t *paradigms; /* suffixes, tags and prefixes by place, paradigm after paradigm */
    const int32_t *begins;    /* of each paradigm, and the last one's end */
    Py_ssize_t count;
    const uint16_t *letters;  /* of suffixes, paradigms' prefixes, prefixes of words */
    const int32_t *ends;      /* of each of those */
    Py_ssize_t suffixes, parts; /* how many suffixes, how many in all */
    const uint16_t *alike;    /* of each tag the first one that equals it */
    const uint8_t *productive;
    Py_ssize_t tags;
} Lexicon;

typedef struct {
    const uint16_t *letters;
    int length;
} Part;

typedef struct {
    Reading reading;
    int prefix; /* letters before the known word; 0 for an ending */
    double score;
} Analogy;

typedef struct {
    const Lexicon *lexicon;
    Part form;
    int count;
    Analogy analogies[MOST];
} Analogies;

/* Go to a child. */
int walk(const Graph *graph, uint32_t *at, uint8_t label);

/* Go on by a letter below U+0800 in UTF-8. */
int walk_letter(const Graph *graph, uint32_t *at, uint16_t letter);

/* Find the readings of a form of LONGEST letters at most, below U+0800, checked; gives how many,
 * -1 with an exception set. */
int find_readings(const Lexicon *lexicon, const Graph *graph, const uint16_t *form, int length,
         Reading *readings);

int tag_of(const Lexicon *lexicon, const Reading *reading);

/* Write the normal form of a form behind what is there, folded; gives the length of both. */
int normalise(const Lexicon *lexicon, Part form, const Reading *reading, uint16_t *into,
              int length);

/* Find the analogies of a form; gives 1, -1 with an exception set, -2 where they are too many. */
int find_analogies(Analogies *all, int prefixes);

/* lemmatise(lines, rules, keys, ask) -> how many lemmas each has (int32), and these as lines */
PyObject *lemmatise(PyObject *self, PyObject *arguments);

#endif
