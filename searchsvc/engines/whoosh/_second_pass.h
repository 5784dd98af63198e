/* The second pass over a few documents: what their score gains by the words that were typed. */

#ifndef SECOND_PASS_H
#define SECOND_PASS_H

#include "_search.h"

enum { LEMMAS, FORM, RELATED, STREAMS };

/* A typed word: the terms of its lemmas, of the very form, of lemmas that begin alike; and what
 * the form, related words, and lemmas in the lead weigh, and what it weighs in a window of words
 * that stand close together (0: it does not count there). */
typedef struct {
    const Part *streams[STREAMS]; /* one for each segment */
    float form, related, lead, close;
} Typed;

/* A document of a segment with its score; what it gains is added. */
typedef struct {
    int32_t doc;
    float score, fresh;
} Rescored;

typedef struct {
    Search *search; /* its room and clock */
    const Segment *segment;
    int64_t number; /* of the segment */
    const Typed *words;
    int64_t word_count;
    Rescored *rows; /* by document, ascending */
    int64_t row_count;
    float close;          /* the weight of the best window */
    int64_t lead, window; /* tokens */
    int64_t gap;          /* positions between a title and its body */
} Rescoring;

/* Add what each document gains; float32, word by word, then the window. */
int rescore(const Rescoring *asked);

#endif
