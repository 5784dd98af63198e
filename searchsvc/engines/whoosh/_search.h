/* One question to one segment: the nodes of its program, what it asks for, what it finds.
 *
 * A program is made of operands and branches. Chunk after chunk of documents, every operand is
 * opened: a word is its blocks of postings, everything else becomes a bitmap with scores. Then
 * the root's matches are found and counted, and the best of them are scored.
 */

#ifndef SEARCH_H
#define SEARCH_H

#include <stddef.h>

#include "_postings.h"

#define UNDATED INT32_MIN

enum { WORD, WIDE, TITLE, SPANS, VALUE, SET, ALL, ANY, BEST, KINDS };

/* A posting list whose every posting was checked. */
typedef struct {
    const Field *field;
    Block *blocks;   /* one for each chunk that has the term, in their order */
    int64_t count, articles;
} Term;

/* Terms of one field: a range of numbers, or some. */
typedef struct {
    const Field *field;
    int64_t low, high;
    const uint32_t *numbers; /* NULL: low, low + 1, … */
} Part;

/* Values of documents: ordinals[starts[doc]] and on; without starts one for each. */
typedef struct {
    const int64_t *starts;
    const int32_t *ordinals;
    int64_t count;  /* of ordinals */
    int32_t values; /* ordinals are below; -1 stands for none */
} Column;

typedef struct Node Node;

struct Node {
    int kind;
    float weight;
    const Term **terms; /* of a word, in a title or anywhere */
    int64_t term_count;
    Part *parts;        /* of a wide word */
    int64_t part_count;
    int64_t distance;   /* of spans: below 0 side by side */
    Column column;
    int32_t ordinal;
    const int32_t *docs; /* of a finished set, with scores or without */
    const float *given;
    int64_t doc_count, doc_at;
    Node *must, *should, *without; /* of a branch; items of spans are `must` */
    int64_t must_count, should_count, without_count;
    int dated;
    int32_t first_day, last_day;
    Node **order; /* room for all of must and should */
    double *rest; /* and one more */
    /* In the chunk that is open: */
    Block *blocks; /* of a word */
    int64_t block_count;
    uint64_t *bits; /* of everything else, with scores or without */
    float *scores;
    int32_t size;   /* documents, at most */
    double bound;   /* no document is worth more */
    float part;     /* what it is worth in a document, if it is present */
    int present, done;
};

typedef struct {
    const float *table;
    float best[16];         /* the most that a nibble can be worth in this segment */
    const uint8_t *lengths;
    uint8_t *last_lengths;  /* those of the last chunk, with room for a whole one */
    Field *fields;
    int64_t field_count, size;
    const uint8_t *title_made;
    const int32_t *title_tokens, *first_day, *last_day, *group;
    const int64_t *minute;
    uint64_t *dead;         /* NULL where nothing is deleted */
} Segment;

typedef struct {
    double key;
    int32_t doc, group;
    float score;
} Entry;

typedef struct {
    Column column;
    uint32_t *counts;
} Facet;

/* Memory of one search, page by page; kept for the next one. */
typedef struct {
    void **pages;
    int64_t count, used, room;
    size_t size;
} Pool;

typedef struct Workspace {
    Pool bitmaps, arrays, bytes, scores;
    uint32_t *positions; /* of one document, item after item */
    int64_t positions_room;
    Entry *kept;
    int64_t kept_room;
    struct Workspace *next;
} Workspace;

typedef struct {
    double deadline;
    int64_t steps;
} Clock;

/* A list of the root's that is looked through: a block of a word, or a bitmap. */
typedef struct {
    Node *node;
    Block *block;
    double bound;
} Unit;

typedef struct {
    const Segment *segment;
    Workspace *space;
    Node *root;
    Clock clock;
    /* What is asked: */
    int order;      /* 0 by score, else by the minute, -1 downwards */
    double after_key;
    int64_t after_doc, wanted; /* -1: every match, by document */
    int folding, collecting;   /* collecting: the groups of what is not after the place */
    const int32_t *folded;     /* groups that are not wanted any more, ascending */
    int64_t folded_count;
    Facet *facets;
    int64_t facet_count;
    Unit *units;    /* room for all of the root's */
    /* What is found: */
    int64_t total, kept_count;
    double floor;   /* lower scores are not kept */
    double slack;   /* bounds are this much too low, by rounding */
    /* The chunk that is open: */
    uint32_t chunk, base;
    Scale scale;
    const uint64_t *dead;
} Search;

static inline int32_t chunks_of(const Segment *segment) {
    return (int32_t)((segment->size + CHUNK - 1) / CHUNK);
}

/* Set the scale to a chunk's. */
void open_scale(const Segment *segment, uint32_t chunk, Scale *scale);

/* Find everything that is asked. */
int run(Search *search);

/* Order what was kept: by key, or by document where every match is wanted. */
void sort_kept(Search *search);

/* Tell whether a time has come; looks at the clock now and then. */
int late(Clock *clock, int64_t work);

/* Give a page of a pool, NULL without memory. */
void *page(Pool *pool);

Workspace *new_workspace(void);
void free_workspace(Workspace *space);

/* ---- between the parts of the search -------------------------------------------------------- */

static inline double slackened(const Search *search, double bound) { return bound * search->slack; }

/* Open a node in the chunk, whatever it is. */
int open_node(Search *search, Node *node);

/* Rewind the walks of a word. */
static inline void rewind_node(Node *node) {
    for (int64_t i = 0; i < node->block_count; i++) node->blocks[i].at = 0;
}

static inline float impact(const Search *search, float weight, int64_t tf, uint32_t low) {
    return weight * search->scale.table[(tf > LARGEST ? LARGEST : tf) << 8 |
                                        search->scale.lengths[low]];
}

/* Tell whether an operand has a document, and what it is worth there; documents ascend. */
static inline int contributes(const Search *search, Node *node, uint32_t low, float *score) {
    int tf = 0, found = 0;
    if (node->kind != WORD) {
        if (!has_bit(node->bits, low)) return 0;
        *score = node->scores ? node->scores[low] : 0;
        return 1;
    }
    for (int64_t i = 0; i < node->block_count; i++) {
        Block *block = &node->blocks[i];
        if (!has(block, low)) continue;
        found = 1;
        tf += weighted_tf(block, posting_of(block, low));
        if (tf > LARGEST) tf = LARGEST;
    }
    if (found) *score = impact(search, node->weight, tf, low);
    return found;
}

/* Find the documents that have all of some operands, ascending; `lows` may be the file's. */
int conjunction(Search *search, Node *operands, int64_t count, Node **order, uint16_t **lows,
                int32_t *found);

/* Find what a branch of all matches: conjunction, and nothing without or outside the days. */
int matches_of_all(Search *search, Node *node, uint16_t **lows, int32_t *found);

/* Add an operand's documents to a bitmap. */
void unite(const Node *node, uint64_t *bits);

/* List the documents of a bitmap. */
int32_t extract(const uint64_t *bits, uint16_t *lows);

/* Fill a bitmap with a phrase's or a pair's documents, and score them. */
int open_spans(Search *search, Node *node);

/* Score the matches of the root and keep the best. */
int rank_rows(Search *search, const uint16_t *lows, int32_t count);
int rank_union(Search *search, uint64_t *seen, int32_t *total);

#endif
