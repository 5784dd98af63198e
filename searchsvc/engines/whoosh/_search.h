/* One question to some segments: the nodes of its program, what it asks for, what it finds.
 *
 * A program is made of operands and branches. Segment after segment and chunk after chunk of
 * documents, every operand is opened: a word is its blocks of postings, everything else becomes a
 * bitmap with scores. Then the root's matches are found and counted, and the best of them are
 * scored. What is kept is kept over all segments, so that one's best hits leave the next one's
 * unscored.
 */

#ifndef SEARCH_H
#define SEARCH_H

#include <stddef.h>

#include "_postings.h"

#define UNDATED INT32_MIN
#define LATER 4 /* operands that are put off, at most */

enum { WORD, WIDE, TITLE, SPANS, VALUE, SET, ALL, ANY, BEST, KINDS };

/* A posting list whose every posting was checked. */
typedef struct Term {
    const Field *field; /* NULL: a union of terms, whose postings are its own */
    Block *blocks;      /* one for each chunk that has the term, in their order */
    int64_t count, articles;
    const struct Term *whole; /* of a word in titles: the word, in titles or not */
} Term;

/* Terms of one field: a range of numbers, or some. */
typedef struct {
    const Field *field;
    int64_t low, high;
    const uint32_t *numbers; /* NULL: low, low + 1, … */
} Part;

/* Values of a segment's documents: ordinals[starts[doc]] and on; without starts one for each. */
typedef struct {
    const int64_t *starts;
    const void *ordinals;    /* NULL: no document has a value; -1 stands for none */
    int width;               /* bytes of each: 1, 2 or 4, signed */
    int64_t count;           /* of ordinals */
    const int32_t *numbers;  /* what the ordinals count as; NULL: as themselves */
    int64_t values;          /* ordinals that have a number */
} Column;

/* A value that a segment's documents may have. */
typedef struct {
    Column column;
    int32_t ordinal;
} Value;

typedef struct Node Node;

struct Node {
    int kind;
    float weight;
    /* One for each segment, or, of those in lists, starts[segment] and on: */
    const Term **every_term;  /* of a word, and of an item of spans; NULL: in no document */
    const Term **every_list;  /* of a word in titles, of an item of spans: with positions */
    Part *every_part;         /* of a wide word */
    Value *values;
    int64_t *starts;
    int64_t distance;    /* of spans: below 0 side by side */
    const int32_t *docs; /* of a finished set, by number; with scores or without */
    const float *given;
    int64_t doc_count, doc_at;
    Node *must, *should, *without; /* of a branch; items of spans are `must` */
    int64_t must_count, should_count, without_count;
    int dated;
    int32_t first_day, last_day;
    Node **order; /* room for all of must and should */
    double *rest; /* and one more */
    /* In the segment that is open: */
    const Term *term, **terms;
    int64_t term_count;
    Part *parts;
    int64_t part_count;
    /* In the chunk that is open: */
    Block block;   /* of a word */
    Block *blocks; /* of an item of spans */
    int64_t block_count;
    uint64_t *bits; /* of everything else, with scores or without */
    float *scores;
    uint16_t *lows; /* and the same documents as an array, where that was at hand */
    int listed;     /* there is no bitmap, and scores are in the order of the array */
    int32_t size;   /* documents, at most */
    double bound;   /* no document is worth more */
    float part;     /* what it is worth in a document, if it is present */
    int present, done;
    int put_off;    /* it is opened for the few documents in which it may matter */
    _Atomic(uint32_t) *prints; /* of an item of it: footprints, if it has them */
};

typedef struct {
    const float *table;
    float best[LARGEST + 1]; /* the most that a weighted frequency can be worth here */
    int rising;              /* a higher frequency is never worth less */
    const uint8_t *lengths;
    uint8_t *last_lengths;  /* those of the last chunk, with room for a whole one */
    Field *fields;
    int64_t field_count, size;
    const uint8_t *title_made;
    const int32_t *title_tokens, *first_day, *last_day, *group;
    const int64_t *minute;
    uint64_t *dead;         /* NULL where nothing is deleted */
} Segment;

/* A hit, by its number over all segments. */
typedef struct {
    double key;
    int32_t doc, group;
    float score;
} Entry;

/* What the values of a column are counted as, in each segment. */
typedef struct {
    Column *columns;
    int64_t values; /* numbers are below */
    uint32_t *counts;
} Facet;

/* Memory of one search, page by page; kept for the next one. */
typedef struct {
    void **pages;
    int64_t count, used, room;
    size_t size;
} Pool;

/* Memory that grows and stays. */
typedef struct {
    void *items;
    size_t size;
} Room;

typedef struct Workspace {
    Pool bitmaps, arrays, bytes, scores;
    Pool lists; /* arrays with room for one more: what is written before it is known to count */
    uint32_t *positions; /* of one document, item after item */
    int64_t positions_room;
    Entry *kept;
    int64_t kept_room;
    Room rows, found, occurrences; /* of the second pass */
    uint64_t *marks;               /* and a bitmap, nought between its uses */
    struct Workspace *next;
} Workspace;

typedef struct {
    double deadline;
    int64_t steps;
} Clock;

typedef struct {
    const Segment *const *segments;
    int64_t segment_count;
    Workspace *space;
    Node *root;
    Clock clock;
    /* What is asked: */
    int order;      /* 0 by score, else by the minute, -1 downwards */
    double after_key;
    int64_t after_doc, wanted; /* -1: every match, by document */
    int folding, collecting;   /* collecting: the groups of what is not after the place */
    int single;                /* the root has one operand, which is only counted and ranked */
    const int32_t *folded;     /* groups that are not wanted any more, ascending */
    int64_t folded_count;
    Facet *facets;
    int64_t facet_count;
    /* What is found: */
    int64_t total, kept_count;
    double floor;   /* lower scores are not kept */
    double slack;   /* bounds may be this much too low, by rounding */
    /* The segment and the chunk that are open: */
    const Segment *segment;
    int64_t number;
    int32_t before; /* documents of the segments before */
    uint32_t chunk, base;
    int words;      /* of a bitmap of the chunk's documents */
    Scale scale;
    const uint64_t *dead;
    Node *later[LATER]; /* what the root has put off */
    int64_t later_count;
    const uint16_t *among; /* nothing is asked of other documents; NULL: all */
    int32_t among_count;
} Search;

static inline int32_t chunks_of(const Segment *segment) {
    return (int32_t)((segment->size + CHUNK - 1) / CHUNK);
}

/* Set the scale to a chunk's. */
void open_scale(const Segment *segment, uint32_t chunk, Scale *scale);

/* Check a term's blocks from its first on, and say what their postings are worth. */
int make_term(const Segment *segment, int64_t first, Term *term);

/* Make the union of terms: their postings in each chunk become one block. */
int unite_terms(const Segment *segment, Workspace *space, const Term **terms, int64_t count,
                Term *made);

/* Make the postings of terms in titles, as one term; if it has a whole, with what that is worth. */
int make_titled(Search *search, const Term **terms, int64_t count, Term *made);

/* Let go of a term's postings. */
void drop_term(Term *term);

/* Find everything that is asked. */
int run(Search *search);

/* Bring the first of some hits to the front, by key, then by number; the others are left anyhow. */
void first_entries(Entry *entries, int64_t count, int64_t wanted);

/* Find the last of some hits. */
const Entry *last_of(const Entry *entries, int64_t count);

/* Order what was kept: by key, or by document where every match is wanted. */
void sort_kept(Search *search);

#define PATIENCE 32768 /* steps between two looks at the clock */

/* Tell whether a time has come; looks at the clock now and then. */
int late(Clock *clock, int64_t work);

/* Give a page of a pool, NULL without memory; it is nought when it is new. */
void *page(Pool *pool);

/* Give room of so many bytes; what is there moves along. NULL without memory. */
void *room_in(Room *room, size_t size);

Workspace *new_workspace(void);
void free_workspace(Workspace *space);

/* ---- between the parts of the search -------------------------------------------------------- */

/* Open a node in the chunk, whatever it is. */
int open_node(Search *search, Node *node);

/* Open operands. */
int open_word(Search *search, Node *node);
int open_wide(Search *search, Node *node);
int open_title(Search *search, Node *node);
int open_value(Search *search, Node *node);
int open_set(Search *search, Node *node);

/* Find where a document's values begin and end; they lie inside the column's. */
static inline int values_of(const Column *column, int64_t doc, int64_t *first, int64_t *last) {
    *first = column->starts ? column->starts[doc] : doc;
    *last = column->starts ? column->starts[doc + 1] : doc + 1;
    return *first < 0 || *last < *first || *last > column->count ? DAMAGED : FINE;
}

static inline int32_t ordinal_at(const Column *column, int64_t at) {
    if (column->width == 1) return ((const int8_t *)column->ordinals)[at];
    if (column->width == 2) return ((const int16_t *)column->ordinals)[at];
    return ((const int32_t *)column->ordinals)[at];
}

/* Count the values of matches. */
int count_facets(Search *search, const uint16_t *lows, int32_t count);

/* Give a node an empty bitmap, and room for scores if it has any. */
int clear(Search *search, Node *node, int scored);

/* Give a node room for documents as an array and their scores, and a bitmap if one is needed. */
int clear_array(Search *search, Node *node);

/* Put the next document into a node's array, and into its bitmap. */
static inline void list(Node *node, uint32_t low, float score) {
    node->lows[node->size] = (uint16_t)low;
    node->scores[node->listed ? (uint32_t)node->size : low] = score;
    node->size++;
    if (!node->listed) set_bit(node->bits, low);
    if (score > node->bound) node->bound = score;
}

/* Put a document into a node's bitmap. */
static inline void put(Node *node, uint32_t low, float score) {
    set_bit(node->bits, low);
    node->scores[low] = score;
    if (score > node->bound) node->bound = score;
}

/* Give an empty bitmap for the chunk's documents, or NULL without memory. */
uint64_t *empty_bitmap(Search *search);

/* Give the number of a document of the chunk over all segments. */
static inline int32_t number_of(const Search *search, uint32_t low) {
    return search->before + (int32_t)(search->base + low);
}

static inline float impact(const Search *search, float weight, int64_t tf, uint32_t low) {
    return weight * search->scale.table[(tf > LARGEST ? LARGEST : tf) << 8 |
                                        search->scale.lengths[low]];
}

/* Count the occurrences of a node's terms in titles: bits of the node, counts by document. */
int count_titles(Search *search, Node *node, uint32_t *counts);

/* An occurrence in a title counts thrice, but once in one that was made from the text. */
static inline int64_t titled_tf(const Search *search, const uint32_t *counts, uint32_t low) {
    return (int64_t)counts[low] * (search->segment->title_made[search->base + low] ? 1 : 3);
}

/* Tell whether an operand has a document, and what it is worth there; documents ascend. */
static inline int contributes(Node *node, uint32_t low, float *score) {
    if (node->kind != WORD) {
        if (!has_bit(node->bits, low)) return 0;
        *score = node->scores ? node->scores[low] : 0;
        return 1;
    }
    if (!has(&node->block, low)) return 0;
    *score = node->weight * node->block.impacts[place_of(&node->block, low)];
    return 1;
}

/* Find the documents that have all of some operands, ascending; `lows` may be the file's. */
int conjunction(Search *search, Node *operands, int64_t count, Node **order, uint16_t **lows,
                int32_t *found);

/* Find the documents that have all of the words, of which there is one, that a branch requires. */
int conjunction_of_words(Search *search, Node *branch, uint16_t **lows, int32_t *found);

/* Keep those of some documents that are asked about. */
int only_among(Search *search, uint16_t **lows, int32_t *count);

/* Find what a branch of all matches: conjunction, and nothing without or outside the days. */
int matches_of_all(Search *search, Node *node, uint16_t **lows, int32_t *found);

/* Keep those of some documents that are not deleted. */
int32_t living(const Search *search, uint16_t **lows, int32_t count, uint16_t *kept);

/* Add an operand's documents to a bitmap. */
void unite(const Search *search, const Node *node, uint64_t *bits);

/* List the documents of a bitmap. */
int32_t extract(const Search *search, const uint64_t *bits, uint16_t *lows);

/* Fill a bitmap with a phrase's or a pair's documents, and score them. */
int open_spans(Search *search, Node *node);

/* The same, only among documents of which each has all items, which are open. */
int open_spans_in(Search *search, Node *node, const uint16_t *lows, int32_t count);

/* Open the items of a phrase or a pair, and their lists. */
int open_items(Search *search, Node *node);

/* Put off what only ranks and costs much: phrases and pairs of words of the root, which are known to
 * stand together in so many documents. */
int put_off(Search *search);

/* Give room for a document's positions; what is there moves along. */
int room_for_positions(Workspace *space, int64_t count);

/* Order positions of a few lists and leave out what stands twice. */
int64_t distinct(uint32_t *at, int64_t count);

/* Give the block of a term in a chunk, or NULL. */
const Block *block_in(const Term *term, uint32_t chunk);

#define COLUMN 256 /* documents whose scores are added up together */

/* Add up, operand after operand, what documents are worth that match a branch of all; they ascend,
 * and its words are rewound. */
void add_scores(Node *branch, const uint16_t *lows, int32_t some, float *sums);

/* Tell whether documents lie in the chunk. */
int all_inside(const Search *search, const uint16_t *lows, int32_t count);

/* Score the matches of the root and keep the best. */
int rank_rows(Search *search, const uint16_t *lows, int32_t count);
int rank_union(Search *search, int32_t *total);

/* Tell whether one word is all that is asked for, and it is only counted and ranked, together with
 * words that stand in few of its documents; if so, do it. */
int is_one_word(const Search *search);
int rank_one_word(Search *search);

/* Score what was kept of a chunk by date; only then it is worth the while. */
int score_kept(Search *search);

#endif
