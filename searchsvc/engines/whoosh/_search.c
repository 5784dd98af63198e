/* The way through segments and chunks: branches are opened, the root is counted and ranked. */

#include "_search.h"

#include <math.h>
#include <string.h>

/* ---- what needs no opening ------------------------------------------------------------------ */

static int absent(const Search *search, const Node *node);

static int any_absent(const Search *search, const Node *nodes, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (absent(search, &nodes[i])) return 1;
    return 0;
}

static int all_absent(const Search *search, const Node *nodes, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (!absent(search, &nodes[i])) return 0;
    return 1;
}

/* Tell whether it is plain that a node has no document in the chunk. */
static int absent(const Search *search, const Node *node) {
    switch (node->kind) {
    case WORD: return !node->term || !block_in(node->term, search->chunk);
    case WIDE: return !node->part_count;
    case TITLE: return !node->term_count;
    case SPANS:
    case ALL: return any_absent(search, node->must, node->must_count);
    case VALUE: return !node->values[search->number].column.ordinals;
    case SET: return node->doc_at == node->doc_count;
    default: return all_absent(search, node->should, node->should_count);
    }
}

static void open_nothing(Node *node) {
    static const uint64_t nothing[WORDS];
    node->bits = (uint64_t *)(uintptr_t)nothing;
    node->scores = NULL;
    node->lows = NULL;
    node->listed = 0;
    node->size = 0;
    node->bound = 0;
}

/* ---- branches ------------------------------------------------------------------------------- */

static int open_nodes(Search *search, Node *nodes, int64_t count) {
    int status = FINE;
    for (int64_t i = 0; i < count && !status; i++)
        if (!nodes[i].put_off) status = open_node(search, &nodes[i]);
    return status;
}

/* Open nodes that are only asked about some documents. */
static int open_among(Search *search, Node *nodes, int64_t count, const uint16_t *lows,
                      int32_t some) {
    const uint16_t *among = search->among;
    int32_t among_count = search->among_count;
    search->among = lows;
    search->among_count = some;
    int status = open_nodes(search, nodes, count);
    search->among = among;
    search->among_count = among_count;
    return status;
}

/* Open what is required beside words, where documents have these. */
static int open_others(Search *search, Node *node) {
    uint16_t *lows;
    int32_t count;
    int status = conjunction_of_words(search, node, &lows, &count);
    if (!status) status = only_among(search, &lows, &count);
    for (int64_t i = 0; i < node->must_count && !status; i++)
        if (node->must[i].kind != WORD) {
            if (count) status = open_among(search, &node->must[i], 1, lows, count);
            else open_nothing(&node->must[i]);
        }
    if (!status) status = open_among(search, node->without, node->without_count, lows, count);
    return status;
}

/* Open what tells whether a document matches a branch of all, words first. */
static int open_required(Search *search, Node *node) {
    int64_t words = 0;
    int status = FINE;
    for (int64_t i = 0; i < node->must_count && !status; i++)
        if (node->must[i].kind == WORD) {
            status = open_word(search, &node->must[i]);
            words++;
        }
    if (status) return status;
    if (words && (words < node->must_count || node->without_count)) return open_others(search, node);
    if (!words) status = open_nodes(search, node->must, node->must_count);
    return status ? status : open_nodes(search, node->without, node->without_count);
}

/* Open what only ranks. */
static int open_ranking(Search *search, Node *node, const uint16_t *lows, int32_t count) {
    return open_among(search, node->should, node->should_count, lows, count);
}

/* Score all matches of a branch inside another one. */
static int open_all(Search *search, Node *node) {
    uint16_t *lows;
    int32_t count;
    float sums[COLUMN];
    int status = open_required(search, node);
    if (!status) status = matches_of_all(search, node, &lows, &count);
    if (!status) status = open_ranking(search, node, lows, count);
    if (!status) status = clear(search, node, 1);
    if (status) return status;
    node->size = count;
    for (int64_t i = 0; i < node->must_count; i++) rewind_block(&node->must[i].block);
    for (int64_t i = 0; i < node->should_count; i++) rewind_block(&node->should[i].block);
    for (int32_t from = 0; from < count; from += COLUMN) {
        int32_t some = count - from < COLUMN ? count - from : COLUMN;
        if (late(&search->clock, some * (node->must_count + node->should_count))) return LATE;
        add_scores(node, lows + from, some, sums);
        for (int32_t i = 0; i < some; i++) put(node, lows[from + i], sums[i]);
    }
    return FINE;
}

/* Add the scores of one child of a branch of any, or take them where they are better. */
static int add_child(Search *search, Node *node, Node *child) {
    uint64_t *bits = empty_bitmap(search);
    if (!bits) return NO_MEMORY;
    unite(search, child, bits);
    search->space->bitmaps.used--;
    if (late(&search->clock, search->words + child->size)) return LATE;
    for (uint32_t word = 0; word < (uint32_t)search->words; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1) {
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(left);
            float score = 0;
            contributes(child, low, &score);
            if (has_bit(node->bits, low)) {
                float own = node->scores[low];
                score = node->kind != BEST ? own + score : own > score ? own : score;
            }
            put(node, low, score);
        }
    return FINE;
}

static int open_any(Search *search, Node *node) {
    int status = open_nodes(search, node->should, node->should_count);
    if (!status) status = clear(search, node, 1);
    for (int64_t i = 0; i < node->should_count && !status; i++)
        status = add_child(search, node, &node->should[i]);
    for (int word = 0; word < search->words && !status; word++)
        node->size += popcount(node->bits[word]);
    return status;
}

int open_node(Search *search, Node *node) {
    if (node->kind != WORD && absent(search, node)) {
        open_nothing(node);
        return FINE;
    }
    switch (node->kind) {
    case WORD: return open_word(search, node);
    case WIDE: return open_wide(search, node);
    case TITLE: return open_title(search, node);
    case SPANS: return open_spans(search, node);
    case VALUE: return open_value(search, node);
    case SET: return open_set(search, node);
    case ALL: return open_all(search, node);
    default: return open_any(search, node);
    }
}

/* ---- the root ------------------------------------------------------------------------------- */

static int all_of_chunk(Search *search) {
    Node *root = search->root;
    uint16_t *lows, *kept = page(&search->space->arrays);
    int32_t count;
    int status = kept ? FINE : NO_MEMORY;
    if (!status && is_one_word(search)) return rank_one_word(search);
    if (!status) status = matches_of_all(search, root, &lows, &count);
    if (status) return status;
    count = living(search, &lows, count, kept);
    search->total += count;
    status = count_facets(search, lows, count);
    if (status || !search->wanted || !count) return status;
    status = put_off(search);
    if (!status) status = open_ranking(search, root, lows, count);
    return status ? status : rank_rows(search, lows, count);
}

/* A union that is not ranked by bounds: all of it, by document. */
static int rows_of_any(Search *search, uint16_t **lows, int32_t *count) {
    Node *root = search->root;
    uint64_t *seen = empty_bitmap(search);
    uint16_t *kept = page(&search->space->arrays);
    if (!seen || !kept) return NO_MEMORY;
    if (root->should_count == 1) {
        int status = conjunction(search, root->should, 1, root->order, lows, count);
        *count = status ? 0 : living(search, lows, *count, kept);
        return status;
    }
    for (int64_t i = 0; i < root->should_count; i++)
        if (!root->should[i].put_off) unite(search, &root->should[i], seen);
    *lows = kept;
    *count = living(search, lows, extract(search, seen, kept), kept);
    return FINE;
}

static int any_of_chunk(Search *search) {
    uint16_t *lows;
    int32_t count;
    int by_rows = search->order || search->wanted < 0 || search->root->kind == BEST;
    int status = FINE;
    if (!by_rows && !search->facet_count) {
        status = rank_union(search, &count);
        if (!status) search->total += count;
        return status;
    }
    status = rows_of_any(search, &lows, &count);
    if (status) return status;
    search->total += count;
    status = count_facets(search, lows, count);
    if (status || by_rows) return status ? status : rank_rows(search, lows, count);
    return rank_union(search, &count);
}

static void reset(Workspace *space) {
    space->bitmaps.used = space->arrays.used = space->lists.used = space->bytes.used = space->scores.used = 0;
}

/* ---- segments and chunks -------------------------------------------------------------------- */

static void enter(Node *node, int64_t number);

static void enter_nodes(Node *nodes, int64_t count, int64_t number) {
    for (int64_t i = 0; i < count; i++) enter(&nodes[i], number);
}

/* Find what a node is in a segment. */
static void enter(Node *node, int64_t number) {
    if (node->every_term) node->term = node->every_term[number];
    if (node->starts) {
        int64_t start = node->starts[number], count = node->starts[number + 1] - start;
        if (node->every_list) {
            node->terms = node->every_list + start;
            node->term_count = count;
        } else {
            node->parts = node->every_part + start;
            node->part_count = count;
        }
    }
    enter_nodes(node->must, node->must_count, number);
    enter_nodes(node->should, node->should_count, number);
    enter_nodes(node->without, node->without_count, number);
}

static int run_chunk(Search *search) {
    Node *root = search->root;
    if (late(&search->clock, search->words)) return LATE;
    if (absent(search, root)) return FINE;
    int status = root->kind == ALL ? open_required(search, root) : put_off(search);
    if (!status && root->kind != ALL) status = open_nodes(search, root->should, root->should_count);
    if (!status) status = root->kind == ALL ? all_of_chunk(search) : any_of_chunk(search);
    return !status && search->order ? score_kept(search) : status;
}

static int run_segment(Search *search) {
    const Segment *segment = search->segment;
    int32_t chunks = chunks_of(segment);
    int status = FINE;
    for (int32_t chunk = 0; chunk < chunks && !status; chunk++) {
        search->chunk = (uint32_t)chunk;
        search->base = (uint32_t)chunk * CHUNK;
        search->dead = segment->dead ? segment->dead + (int64_t)chunk * WORDS : NULL;
        open_scale(segment, search->chunk, &search->scale);
        search->words = (search->scale.size + 63) / 64;
        reset(search->space);
        status = run_chunk(search);
    }
    return status;
}

/* Tell whether one operand is all there is, and what matches is counted and ranked by score. */
static int is_single(const Search *search) {
    return search->root->kind == ANY && search->root->should_count == 1 && !search->order &&
           search->wanted >= 0 && !search->facet_count;
}

int run(Search *search) {
    int status = FINE;
    search->single = is_single(search);
    search->clock.steps = PATIENCE;
    /* Nothing comes after a key that is no number, so that then no score is too low. */
    int floored = search->collecting && !search->order && !isnan(search->after_key);
    search->floor = floored ? -search->after_key : -INFINITY;
    for (int64_t number = 0; number < search->segment_count && !status; number++) {
        search->number = number;
        search->segment = search->segments[number];
        enter(search->root, number);
        status = run_segment(search);
        search->before += (int32_t)search->segment->size;
    }
    return status;
}
