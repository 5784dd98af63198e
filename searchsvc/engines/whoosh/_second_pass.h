/* The second pass over a few documents: what their score gains by the words that were typed. */

#ifndef SECOND_PASS_H
#define SECOND_PASS_H

#include "_search.h"

/* Summed lists are of related words, too, and hold how often these stand in their documents. */
enum { LEMMAS, FORM, RELATED, STREAMS, SUMMED = STREAMS };

/* A term's postings in one chunk, found once. */
typedef struct {
    const void *docs;      /* of an array; of a bitmap its bits; or a rack */
    const uint16_t *ranks; /* of a bitmap; of a summed list its guide; NULL: it is neither */
    uint32_t first;        /* number of the first posting in the field */
    int32_t count;
    uint16_t chunk;
    uint8_t stream, racked;
} List;

/* What a typed word has in a segment. */
typedef struct {
    const Field *fields[STREAMS];
    List *lists;
    int64_t *starts; /* of each chunk's lists, and the end */
    void *own;       /* memory of the summed ones, */
    size_t size;     /* bytes of it */
} Listed;

/* A typed word: its lemmas, the very form, and other lemmas that begin alike; what the form, words
 * that begin alike, and lemmas in the lead weigh, and what it weighs in a window of words that
 * stand close together (0: it does not count there). */
typedef struct {
    Listed *segments; /* one each */
    float form, related, lead, close;
} Typed;

/* A document with its score. What it gains is added, unless it cannot be among those shown. */
typedef struct {
    int32_t doc;
    float score, fresh;
} Rescored;

typedef struct {
    Search *search; /* its room and clock */
    const Segment *segment;
    int64_t number; /* of the segment */
    const Typed **words;
    int64_t word_count;
    Rescored *rows; /* by document, ascending */
    int64_t row_count;
    float close;          /* the weight of the best window */
    int64_t lead, window; /* tokens */
    int64_t gap;          /* positions between a title and its body */
    double *best;         /* totals so far, the best first; NULL where all are wanted */
    int64_t best_count, shown;
} Rescoring;

/* A posting of a lemma, and the next one of the same word and document. */
typedef struct {
    int32_t next;
    uint32_t posting;
} Occurrence;

/* Where the words stand in the documents of a segment: `[word][row]`. */
typedef struct {
    uint32_t *lemmas, *form, *related; /* how often; `related` has those of the lemmas too */
    int32_t *heads;                    /* first occurrence of a lemma, or -1 */
    Occurrence *occurrences;
    int64_t count;
} Standing;

/* Find the words in the rows' documents. */
int find_words(const Rescoring *asked, Standing *standing);

/* Add what each document gains, those first that may come out first. */
int rescore(Rescoring *asked);

#endif
