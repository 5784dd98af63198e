/* The best of some documents, by score or by date.
 *
 * Scores are floats added in one order, that of the program, whatever order bounds are looked at;
 * so every implementation gives the same bits.
 */

#include "_champions.h"
#include "_ranking.h"

#include <math.h>
#include <stdlib.h>

#define SAMPLES 128
#define STRIDE 64 /* documents between two looks at the clock's steps */

/* ---- scores of single documents ------------------------------------------------------------- */

int64_t prepare(Search *search, Node *root) {
    int64_t all = root->must_count + root->should_count, count = 0;
    for (int64_t i = 0; i < all; i++) {
        Node *node = operand(root, i);
        int64_t j = count;
        rewind_block(&node->block);
        node->present = 0;
        if (node->put_off) continue;
        count++;
        for (; j > 0 && (root->kind == ANY ? root->order[j - 1]->size > node->size
                                           : root->order[j - 1]->bound < node->bound); j--)
            root->order[j] = root->order[j - 1];
        root->order[j] = node;
    }
    root->rest[count] = 0;
    for (int64_t i = count; i-- > 0;) root->rest[i] = root->rest[i + 1] + root->order[i]->bound;
    /* Each addition of floats is off by 2^-24, and sums in two orders by twice that. */
    search->slack = 1 + 1.2e-7 * (double)(all + 10);
    return count;
}

static float summed(Node *root) {
    float score = 0;
    for (int64_t i = 0; i < root->must_count + root->should_count; i++) {
        const Node *node = operand(root, i);
        if (!node->present) continue;
        if (root->kind != BEST) score += node->part;
        else if (node->part > score) score = node->part;
    }
    return score;
}

int score_row(const Search *search, Node *root, int64_t count, uint32_t low, float *score) {
    double partial = 0;
    for (int64_t i = 0; i < count; i++) {
        Node *node = root->order[i];
        if (hopeless(search, partial + root->rest[i])) return 0;
        node->present = contributes(node, low, &node->part);
        if (node->present) partial += node->part;
    }
    if (hopeless(search, partial)) return 0;
    *score = summed(root);
    return 1;
}

static int rank_one_by_one(Search *search, const uint16_t *lows, int32_t count) {
    Node *root = search->root;
    int64_t operands = prepare(search, root);
    int status = FINE;
    for (int32_t i = 0; i < count && !status; i++) {
        float score;
        if (i % STRIDE == 0 && late(&search->clock, STRIDE * (1 + operands))) return LATE;
        if ((int32_t)lows[i] >= search->scale.size) return DAMAGED;
        if (score_row(search, root, operands, lows[i], &score))
            status = take_scored(search, lows[i], score);
    }
    return status;
}

/* ---- scores of many documents, operand after operand ----------------------------------------- */

/* Add what an operand is worth in documents that all have it. */
static void add_required(Node *node, const uint16_t *lows, int32_t some, float *sums) {
    Block *block = &node->block;
    if (node->kind != WORD) {
        for (int32_t i = 0; i < some && node->scores; i++) sums[i] += node->scores[lows[i]];
        return;
    }
    for (int32_t i = 0; i < some; i++) {
        if (!block->bits) has(block, lows[i]);
        sums[i] += node->weight * block->impacts[place_of(block, lows[i])];
    }
}

static void add_wished(Node *node, const uint16_t *lows, int32_t some, float *sums) {
    float part;
    for (int32_t i = 0; i < some; i++)
        if (contributes(node, lows[i], &part)) sums[i] += part;
}

void add_scores(Node *branch, const uint16_t *lows, int32_t some, float *sums) {
    for (int32_t i = 0; i < some; i++) sums[i] = 0;
    for (int64_t i = 0; i < branch->must_count; i++) add_required(&branch->must[i], lows, some, sums);
    for (int64_t i = 0; i < branch->should_count; i++)
        add_wished(&branch->should[i], lows, some, sums);
}

int all_inside(const Search *search, const uint16_t *lows, int32_t count) {
    uint16_t last = 0;
    for (int32_t i = 0; i < count; i++) last = lows[i] > last ? lows[i] : last;
    return (int32_t)last < search->scale.size;
}

static int rank_by_columns(Search *search, const uint16_t *lows, int32_t count) {
    Node *root = search->root;
    float sums[COLUMN];
    int64_t operands = prepare(search, root);
    int status = FINE;
    if (search->later_count) return rank_some(search, lows, count);
    for (int32_t from = 0; from < count && !status; from += COLUMN) {
        int32_t some = count - from < COLUMN ? count - from : COLUMN;
        if (late(&search->clock, some * (1 + operands))) return LATE;
        if (!all_inside(search, lows + from, some)) return DAMAGED;
        if (hopeless(search, root->rest[0])) return FINE;
        if (!operands && full(search) && !search->folding) return FINE;
        add_scores(root, lows + from, some, sums);
        for (int32_t i = 0; i < some && !status; i++)
            if (sums[i] >= search->floor) status = take_scored(search, lows[from + i], sums[i]);
    }
    return status;
}

static int rank_by_score(Search *search, const uint16_t *lows, int32_t count) {
    return (search->root->kind == ALL ? rank_by_columns : rank_one_by_one)(search, lows, count);
}

/* ---- documents that are listed with their scores --------------------------------------------- */

/* Tell what the last of the wanted of some documents is worth. */
static float last_worth(const Search *search, const Node *node, float least) {
    float best[CHAMPIONS];
    int64_t known = 0;
    int32_t at = next_worth(node->scores, 0, node->size, least);
    for (; at < node->size; at = next_worth(node->scores, at + 1, node->size, least)) {
        float score = node->scores[at];
        if (is_dead(search, node->lows[at])) continue;
        int64_t place = known < search->wanted ? known++ : known - 1;
        for (; place > 0 && best[place - 1] < score; place--) best[place] = best[place - 1];
        best[place] = score;
        if (known == search->wanted && best[known - 1] > least) least = best[known - 1];
    }
    return least;
}

int rank_list(Search *search, const Node *node) {
    float least = search->floor > 0 ? (float)search->floor : 0;
    int status = FINE;
    if (any_counts(search) && node->size > search->wanted) least = last_worth(search, node, least);
    int32_t at = next_worth(node->scores, 0, node->size, least);
    for (; at < node->size && !status; at = next_worth(node->scores, at + 1, node->size, least))
        if (!is_dead(search, node->lows[at]))
            status = take_scored(search, node->lows[at], node->scores[at]);
    return status;
}

/* ---- by date -------------------------------------------------------------------------------- */

static inline double key_of(const Search *search, uint32_t low) {
    int64_t minute = search->segment->minute[search->base + low];
    return minute == UNDATED ? INFINITY : search->order * (double)minute + 0.0; /* no -0 */
}

/* Give a key that the last of the wanted does not exceed: that of the last of a sample.
 * Articles mostly come in the order of their dates, so that without it each one could be a hit. */
static double key_by_sample(const Search *search, const uint16_t *lows, int32_t count) {
    double best[CHAMPIONS];
    int32_t step = count / SAMPLES, known = 0;
    if (!step || search->wanted > CHAMPIONS || search->folding) return INFINITY;
    for (int32_t i = 0; i < count; i += step) {
        double key = key_of(search, lows[i]);
        if (!(key > search->after_key)) continue;
        if (known == search->wanted && !(key < best[known - 1])) continue;
        int32_t at = known < search->wanted ? known++ : known - 1;
        for (; at > 0 && best[at - 1] > key; at--) best[at] = best[at - 1];
        best[at] = key;
    }
    return known == search->wanted ? best[known - 1] : INFINITY;
}

static int rank_by_date(Search *search, const uint16_t *lows, int32_t count) {
    int status = FINE;
    if (!all_inside(search, lows, count)) return DAMAGED;
    double last = key_by_sample(search, lows, count);
    for (int32_t i = 0; i < count && !status; i++) {
        double key = key_of(search, lows[i]);
        if (i % STRIDE == 0 && late(&search->clock, STRIDE)) return LATE;
        if (key > last) continue;
        Entry entry = {key, number_of(search, lows[i]), -1, 0};
        if (full(search)) {
            if (!before(&entry, &search->space->kept[0])) continue;
            if (!search->folding) last = search->space->kept[0].key;
        }
        status = take(search, &entry);
    }
    return status;
}

static int by_document(const void *one, const void *two) {
    const Entry *a = *(Entry *const *)one, *b = *(Entry *const *)two;
    return (a->doc > b->doc) - (a->doc < b->doc);
}

int score_kept(Search *search) {
    Node *root = search->root;
    int64_t count = 0, operands = prepare(search, root);
    int32_t begin = number_of(search, 0);
    Entry **entries = malloc((size_t)(search->kept_count + 1) * sizeof(Entry *));
    if (!entries) return NO_MEMORY;
    for (int64_t i = 0; i < search->kept_count; i++)
        if (search->space->kept[i].doc >= begin)
            entries[count++] = &search->space->kept[i];
    qsort(entries, (size_t)count, sizeof(Entry *), by_document);
    for (int64_t i = 0; i < count; i++)
        score_row(search, root, operands, (uint32_t)(entries[i]->doc - begin),
                  &entries[i]->score);
    free(entries);
    return FINE;
}

int rank_rows(Search *search, const uint16_t *lows, int32_t count) {
    if (!search->wanted) return FINE;
    return (search->order ? rank_by_date : rank_by_score)(search, lows, count);
}
