/* What the root's matches are surely worth, and at most with what was put off. */

#ifndef COLUMNS_H
#define COLUMNS_H

#include "_ranking.h"

/* Documents with what they are surely worth, and at most. */
typedef struct {
    uint16_t *lows;
    float *sure, *most;
    int32_t count;
} Weighed;

/* Weigh some living matches, ascending, and keep those that may come up to the floor, which is raised
 * meanwhile: room for all of them. */
int weigh(Search *search, const uint16_t *lows, int32_t count, Weighed *weighed);

/* Give the operands of the root that make a document match. */
Node *matching(Node *root, int64_t *count);

#endif
