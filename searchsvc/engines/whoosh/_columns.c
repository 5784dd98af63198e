#include "_columns.h"
#include "_footprints.h"

/* A column of documents: what they are surely worth, and at most, with what each operand that is put
 * off can be worth there, before its weight. */
typedef struct {
    int32_t count;
    uint16_t lows[COLUMN];
    float sums[COLUMN], most[COLUMN], own[COLUMN], least[LATER][COLUMN];
    uint32_t prints[LATER][2][COLUMN];
    int32_t hits[COLUMN], places[COLUMN]; /* of a word: documents of the column, its postings */
} Matches;

/* Tell whether footprints may rule out something that was put off. */
static int has_prints(const Node *node) {
    return node->must_count > 1 && node->must[0].prints && node->must[1].prints;
}

Node *matching(Node *root, int64_t *count) {
    *count = root->kind == ALL ? root->must_count : root->should_count;
    return root->kind == ALL ? root->must : root->should;
}

/* ---- what an operand is worth ---------------------------------------------------------------- */

/* Find where a word that all of the documents have has them. */
static int32_t find_all(Block *block, Matches *matches) {
    const uint16_t *lows = matches->lows, *fine = block->fine;
    const uint64_t *bits = block->bits;
    int32_t last = block->count - 1, *restrict places = matches->places;
    for (int32_t i = 0; i < matches->count; i++) matches->hits[i] = i;
    for (int32_t i = 0; i < matches->count && fine; i++) {
        uint32_t low = lows[i], word = low >> 6;
        int32_t place = fine[word] + popcount(bits[word] & (((uint64_t)1 << (low & 63)) - 1));
        places[i] = place < last ? place : last;
    }
    for (int32_t i = 0; i < matches->count && !fine; i++) {
        if (!bits) has(block, lows[i]);
        places[i] = place_of(block, lows[i]);
    }
    return matches->count;
}

/* Find the documents that a word has, in a bitmap if there is one. */
static int32_t find_some(Node *node, Matches *matches) {
    Block *block = &node->block;
    const uint64_t *bits = block->bits ? block->bits : node->bits;
    const uint16_t *lows = matches->lows;
    int32_t *hits = matches->hits, *places = matches->places, found = 0;
    for (int32_t i = 0; i < matches->count && bits; i++) {
        hits[found] = i;
        found += has_bit(bits, lows[i]);
    }
    for (int32_t i = 0; i < found; i++) {
        uint32_t low = lows[hits[i]];
        if (!block->bits) has(block, low);
        places[i] = place_of(block, low);
    }
    for (int32_t i = 0; i < matches->count && !bits; i++) {
        int there = has(block, lows[i]);
        hits[found] = i;
        places[found] = block->at;
        found += there;
    }
    return found;
}

/* Note where a word stands in the documents that have it, as an item of what was put off. */
static void note_prints(const Footprint *prints, const Matches *matches, int32_t found, uint32_t *noted) {
    if (found < matches->count) memset(noted, 0, COLUMN * sizeof *noted);
    for (int32_t i = 0; i < found; i++)
        noted[matches->hits[i]] = footprint_at(prints, matches->places[i]);
}

static void lower(float *least, const float *worths, int32_t count) {
    for (int32_t i = 0; i < count; i++) least[i] = worths[i] < least[i] ? worths[i] : least[i];
}

/* Lower the bounds of what is put off by one of the root's words: a phrase stands nowhere more often
 * than each of its items, a pair than its first. */
static void lower_bounds(const Search *search, const Node *word, int32_t found, Matches *matches) {
    for (int64_t l = 0; l < search->later_count; l++) {
        const Node *node = search->later[l];
        for (int64_t k = 0; k < node->must_count; k++) {
            const Node *item = &node->must[k];
            if (item->term != word->term) continue;
            if (node->distance < 0 || !k) lower(matches->least[l], matches->own, matches->count);
            if (k < 2 && has_prints(node)) note_prints(item->prints, matches, found, matches->prints[l][k]);
        }
    }
}

static void add_own(float weight, Matches *matches) {
    for (int32_t i = 0; i < matches->count; i++) matches->sums[i] += weight * matches->own[i];
}

static void add_other(const Node *node, Matches *matches) {
    for (int32_t i = 0; i < matches->count; i++) {
        uint32_t low = matches->lows[i];
        matches->own[i] = node->scores && has_bit(node->bits, low) ? node->scores[low] : 0;
    }
    add_own(1, matches);
}

/* Add what a word is worth that makes documents match. */
static void add_matching(const Search *search, Node *node, int32_t found, Matches *matches) {
    const float *impacts = node->block.impacts;
    if (found < matches->count) memset(matches->own, 0, sizeof matches->own);
    for (int32_t i = 0; i < found; i++) matches->own[matches->hits[i]] = impacts[matches->places[i]];
    add_own(node->weight, matches);
    lower_bounds(search, node, found, matches);
}

static void add_required(const Search *search, Node *node, Matches *matches) {
    if (node->kind != WORD) add_other(node, matches);
    else add_matching(search, node, find_all(&node->block, matches), matches);
}

static void add_optional(const Search *search, Node *node, Matches *matches) {
    if (node->kind != WORD) {
        add_other(node, matches);
        return;
    }
    const float *impacts = node->block.impacts;
    int32_t found = find_some(node, matches);
    if (search->root->kind != ALL) add_matching(search, node, found, matches);
    else
        for (int32_t i = 0; i < found; i++)
            matches->sums[matches->hits[i]] += node->weight * impacts[matches->places[i]];
}

/* ---- what can come up to the floor ----------------------------------------------------------- */

/* Give what a bound must be, if documents can be worth so much more. */
static float least_bound(const Search *search, double rest) {
    double least = search->floor / search->slack - rest;
    return least > 0 ? (float)(least * (1 - 1e-6)) : -INFINITY;
}

/* Keep the documents whose bounds are so high. */
static void keep_passing(const Search *search, float least, Matches *matches) {
    int32_t kept = 0, *hits = matches->hits;
    for (int32_t i = 0; i < matches->count; i++) {
        hits[kept] = i;
        kept += matches->most[i] >= least;
    }
    if (kept == matches->count) return;
    for (int32_t i = 0; i < kept; i++) {
        matches->lows[i] = matches->lows[hits[i]];
        matches->sums[i] = matches->sums[hits[i]];
        matches->most[i] = matches->most[hits[i]];
        for (int64_t l = 0; l < search->later_count; l++)
            matches->least[l][i] = matches->least[l][hits[i]];
    }
    matches->count = kept;
}

/* Keep documents by what they are worth so far, with all that was put off. */
static void keep_by_sums(const Search *search, double rest, Matches *matches) {
    for (int32_t i = 0; i < matches->count; i++) matches->most[i] = matches->sums[i];
    for (int64_t l = 0; l < search->later_count; l++)
        for (int32_t i = 0; i < matches->count; i++)
            matches->most[i] += search->later[l]->weight * matches->least[l][i];
    keep_passing(search, least_bound(search, rest), matches);
}

/* Leave out of bounds what footprints rule out; in loops that are done some documents at once. */
static void rule_out(const Search *search, Matches *matches) {
    int32_t count = matches->count;
    float *may = matches->own;
    for (int64_t l = 0; l < search->later_count; l++) {
        const Node *node = search->later[l];
        uint32_t *one = matches->prints[l][0], *two = matches->prints[l][1];
        if (!has_prints(node)) continue;
        for (int32_t i = 0; i < count && node->distance < 0; i++) one[i] = reach_of(one[i], -1);
        for (int32_t i = 0; i < count && node->distance >= 0; i++)
            one[i] = reach_of(one[i], node->distance);
        for (int32_t i = 0; i < count; i++) may[i] = (float)((one[i] & two[i]) != 0);
        for (int32_t i = 0; i < count; i++) matches->least[l][i] *= may[i];
    }
}

/* ---- column after column --------------------------------------------------------------------- */

static void weigh_column(const Search *search, double wished, Matches *matches) {
    Node *root = search->root;
    memset(matches->sums, 0, sizeof matches->sums);
    for (int64_t l = 0; l < search->later_count; l++)
        for (int32_t i = 0; i < matches->count; i++) matches->least[l][i] = INFINITY;
    for (int64_t i = 0; i < root->must_count; i++) add_required(search, &root->must[i], matches);
    if (root->kind == ALL) {
        rule_out(search, matches);
        keep_by_sums(search, wished, matches);
    }
    for (int64_t i = 0; i < root->should_count; i++)
        if (!root->should[i].put_off) add_optional(search, &root->should[i], matches);
    if (root->kind != ALL) rule_out(search, matches);
    keep_by_sums(search, 0, matches);
}

/* Make a bitmap of a word's array that would be walked through. */
static int mark_word(Search *search, Node *node, int32_t count) {
    const Block *block = &node->block;
    node->bits = NULL;
    if (block->bits || !block->count || block->count > count) return FINE;
    node->bits = empty_bitmap(search);
    for (int32_t i = 0; i < block->count && node->bits; i++) set_bit(node->bits, block->lows[i]);
    return node->bits ? FINE : NO_MEMORY;
}

/* Rewind the operands; gives what those that only rank can be worth. */
static int begin(Search *search, int32_t count, double *wished) {
    Node *root = search->root;
    int status = FINE;
    *wished = 0;
    for (int64_t i = 0; i < root->must_count; i++) rewind_block(&root->must[i].block);
    for (int64_t i = 0; i < root->should_count && !status; i++) {
        Node *node = &root->should[i];
        rewind_block(&node->block);
        for (int64_t k = 0; k < node->must_count && node->put_off; k++)
            rewind_block(&node->must[k].block);
        if (node->put_off) continue;
        *wished += node->bound;
        if (node->kind == WORD) status = mark_word(search, node, count);
    }
    return status;
}

/* Leave those that cannot come up to the floor. */
static void leave_hopeless(const Search *search, Weighed *weighed) {
    int32_t kept = 0;
    for (int32_t i = 0; i < weighed->count; i++) {
        float most = weighed->most[i];
        weighed->lows[kept] = weighed->lows[i];
        weighed->sure[kept] = weighed->sure[i];
        weighed->most[kept] = most;
        kept += !hopeless(search, most);
    }
    weighed->count = kept;
}

/* Raise the floor by what has come together. */
static void raise_floor(Search *search, Weighed *weighed) {
    double before = search->floor;
    search->clock.steps += weighed->count;
    raise_by_worths(search, weighed->sure, weighed->count);
    if (search->floor > before) leave_hopeless(search, weighed);
}

static void gather(const Matches *matches, Weighed *weighed) {
    size_t count = (size_t)matches->count;
    memcpy(weighed->lows + weighed->count, matches->lows, count * sizeof(uint16_t));
    memcpy(weighed->sure + weighed->count, matches->sums, count * sizeof(float));
    memcpy(weighed->most + weighed->count, matches->most, count * sizeof(float));
    weighed->count += matches->count;
}

int weigh(Search *search, const uint16_t *lows, int32_t count, Weighed *weighed) {
    Matches matches;
    double wished;
    int64_t work = search->root->must_count + search->root->should_count + 1;
    int32_t fresh = 0;
    int status = begin(search, count, &wished);
    for (int32_t from = 0; from < count && !status; from += COLUMN) {
        int32_t left = count - from;
        matches.count = left < COLUMN ? left : COLUMN;
        if (late(&search->clock, matches.count * work)) return LATE;
        if (!all_inside(search, lows + from, matches.count)) return DAMAGED;
        memcpy(matches.lows, lows + from, (size_t)matches.count * sizeof(uint16_t));
        weigh_column(search, wished, &matches);
        gather(&matches, weighed);
        fresh += matches.count;
        if (fresh < COLUMN && left > COLUMN) continue;
        raise_floor(search, weighed);
        fresh = 0;
    }
    return status;
}
