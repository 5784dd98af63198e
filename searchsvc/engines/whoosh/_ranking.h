/* What ranking rows and unions have in common: hits that are kept, and bounds on what is left. */

#ifndef RANKING_H
#define RANKING_H

#include "_search.h"

#include <math.h>

/* Hits come by key, then by document. */
static inline int before(const Entry *one, const Entry *two) {
    return one->key < two->key || (one->key == two->key && one->doc < two->doc);
}

/* As many hits are kept as are wanted. */
static inline int full(const Search *search) {
    return search->wanted >= 0 && search->kept_count == search->wanted;
}

/* Take in a hit, if it is one: it may be too early, too bad or folded. */
int take(Search *search, Entry *entry);

static inline int take_scored(Search *search, uint32_t low, float score) {
    Entry entry = {-(double)score, number_of(search, low), -1, score};
    return take(search, &entry);
}

static inline Node *operand(Node *root, int64_t number) {
    return number < root->must_count ? &root->must[number]
                                     : &root->should[number - root->must_count];
}

/* Order the root's operands by what they can be worth, and add up what is left after each. */
int64_t prepare(Search *search, Node *root);

/* Tell that what is worth at most so much does not come up to the floor. */
static inline int hopeless(const Search *search, double bound) {
    return bound * search->slack < search->floor;
}

static inline int is_dead(const Search *search, uint32_t low) {
    return search->dead && has_bit(search->dead, low);
}

/* Tell whether any few documents that are worth so much raise the floor: all may be hits. */
static inline int any_counts(const Search *search) {
    return search->wanted <= CHAMPIONS && search->after_key == -INFINITY && !search->folding;
}

/* The same of documents that were all looked at. */
static inline int any_looked_at(const Search *search) {
    return search->wanted > 0 && search->after_key == -INFINITY && !search->folding;
}

/* Raise the floor to what the last of the wanted living documents is worth at least. */
void raise_by_worths(Search *search, const float *worths, int32_t count);

/* Score some living documents, ascending, by the root and keep the best. */
int rank_some(Search *search, const uint16_t *lows, int32_t count);

/* Keep the best of a listed node. */
int rank_list(Search *search, const Node *node);

/* Score a document; 0 if it cannot come up to the floor. Documents ascend. */
int score_row(const Search *search, Node *root, int64_t count, uint32_t low, float *score);

#endif
