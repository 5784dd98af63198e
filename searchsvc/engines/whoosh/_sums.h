/* What some documents are worth by some operands, in any order of adding: good for bounds. */

#ifndef SUMS_H
#define SUMS_H

#include "_ranking.h"

typedef struct {
    uint64_t *bits;
    float *sums;    /* by document */
    uint16_t *lows; /* the documents, in the order they came */
    int32_t count;
    float *worths;  /* room for as many */
} Sums;

/* Give empty sums. */
int new_sums(Search *search, Sums *sums);

/* Give what a sum must be, so that it and what is left come up to the floor. */
static inline float least_sum(const Search *search, double rest) {
    double least = search->floor / search->slack - rest;
    return least > 0 ? (float)(least * (1 - 1e-6)) : 0;
}

/* What a posting of a word must be worth, so that it and what is left come up to the floor. */
static inline float least_impact(const Search *search, const Node *node, double rest) {
    double least = search->floor / search->slack - rest;
    return least > 0 && node->weight > 0 ? (float)(least * (1 - 1e-6) / (double)node->weight) : 0;
}

/* Take in what a document is worth, if it is there or comes up to what it must be worth alone. */
static inline void add_sum(Sums *sums, uint32_t low, float worth, float least) {
    /* Branches that hang on lists would be guessed wrong; what is not there has no sum to spoil. */
    uint64_t there = (uint64_t)has_bit(sums->bits, low), fresh = !there & (worth >= least);
    float before = sums->sums[low];
    sums->sums[low] = there ? before + worth : worth;
    sums->lows[sums->count] = (uint16_t)low;
    sums->count += (int32_t)fresh;
    sums->bits[low >> 6] |= fresh << (low & 63);
}

/* Add what an operand is worth; a document comes in if it must be worth less alone. */
void add_sums(const Search *search, Sums *sums, const Node *node, float least);

/* Begin the sums with a word, of which only some postings may come up to the floor. */
void begin_sums(const Search *search, Sums *sums, const Node *node, double rest);

/* Add an operand to the sums that there are. */
void refine_sums(Sums *sums, Node *node);

/* Leave out what cannot come up to the floor any more. */
void prune_sums(Sums *sums, float least);

/* Tell what the last of the wanted is worth at least, by the best postings of one word. */
void raise_by_champions(Search *search, const Node *node);

/* Raise the floor to what the last of the wanted is worth at least. */
void raise_by_sums(Search *search, Sums *sums);

/* Mark what lives and is worth so much. */
void mark_passing(const Search *search, const Sums *sums, float least, uint64_t *bits);

#endif
