/* The best of a union: what can come up to the floor is scored, what cannot is only counted. */

#include "_champions.h"
#include "_ranking.h"

#include <math.h>
#include <stdlib.h>

/* Tell what the last of the wanted is worth at least, by the best postings of one word. */
static void raise_by_champions(Search *search, const Node *node) {
    int64_t living = 0;
    if (node->kind != WORD || !any_counts(search)) return;
    const Champion *best = champions_of(&node->block);
    for (int i = 0; best && i < CHAMPIONS; i++) {
        const Champion *champion = &best[i];
        if (is_dead(search, champion->low) || ++living < search->wanted) continue;
        float worth = node->weight * champion->impact;
        if (worth > search->floor) search->floor = worth;
        return;
    }
}

/* What a posting of a word must be worth, so that it and what is left come up to the floor. */
static inline float least_impact(const Search *search, const Node *node, double rest) {
    double least = search->floor / search->slack - rest;
    return least > 0 && node->weight > 0 ? (float)(least * (1 - 1e-6) / (double)node->weight) : 0;
}

static int score_found(Search *search, int64_t operands, uint32_t low) {
    float score;
    if ((int32_t)low >= search->scale.size) return DAMAGED;
    if (is_dead(search, low)) return FINE;
    if (!score_row(search, search->root, operands, low, &score)) return FINE;
    return take_scored(search, low, score);
}

/* Score what one word has that comes up to the floor. */
static int visit_block(Search *search, Node *node, int64_t operands) {
    const Block *block = &node->block;
    Walk walk = {block, 0, 0};
    int status = FINE;
    int32_t place = -1;
    while (!status) {
        place = next_worth(block->impacts, place + 1, block->count, least_impact(search, node, 0));
        if (place >= block->count) break;
        status = score_found(search, operands, document_at(&walk, place));
    }
    return status;
}

/* What some documents are worth by some operands, in any order of adding: good for bounds. */
typedef struct {
    uint64_t *bits;
    float *sums;    /* by document */
    uint16_t *lows; /* the documents, in the order they came */
    int32_t count;
    uint16_t *passing; /* those of them that may come up to the floor */
} Sums;

/* Give what a sum must be, so that it and what is left come up to the floor. */
static inline float least_sum(const Search *search, double rest) {
    double least = search->floor / search->slack - rest;
    return least > 0 ? (float)(least * (1 - 1e-6)) : 0;
}

/* Raise the floor to what the last of the wanted is worth at least; keep what may come up to it. */
static int32_t raise_by_sums(Search *search, Sums *sums) {
    float best[CHAMPIONS], least = least_sum(search, 0);
    int64_t known = 0, wanted = any_counts(search) ? search->wanted : 0;
    int32_t kept = 0;
    for (int32_t i = 0; i < sums->count; i++) {
        uint16_t low = sums->lows[i];
        float sum = sums->sums[low];
        if (sum < least) continue;
        sums->passing[kept++] = low;
        if (!wanted || (known == wanted && sum <= best[wanted - 1]) || is_dead(search, low)) continue;
        int64_t at = known < wanted ? known++ : wanted - 1;
        for (; at > 0 && best[at - 1] < sum; at--) best[at] = best[at - 1];
        best[at] = sum;
        /* Both are sums in the order of bounds, and either score may be other by the slack. */
        double worth = known == wanted ? best[wanted - 1] / search->slack / search->slack : 0;
        if (worth * (1 - 1e-6) > least) least = (float)(worth * (1 - 1e-6));
    }
    double floor = wanted && known == wanted ? best[wanted - 1] / search->slack : 0;
    if (floor > search->floor) search->floor = floor;
    return kept;
}

static int ascending(const void *one, const void *two) {
    return (int)*(const uint16_t *)one - (int)*(const uint16_t *)two;
}

/* Leave out what cannot come up to the floor any more. */
static void prune_sums(Sums *sums, float least) {
    int32_t kept = 0;
    for (int32_t i = 0; i < sums->count; i++) {
        uint16_t low = sums->lows[i];
        uint64_t gone = sums->sums[low] < least;
        sums->lows[kept] = low;
        kept += !gone;
        sums->bits[low >> 6] &= ~(gone << (low & 63));
    }
    sums->count = kept;
}

/* Score what has sums that come up to the floor. */
static int visit_sums(Search *search, Sums *sums, int64_t operands) {
    int status = FINE;
    int32_t count = raise_by_sums(search, sums), left = 0;
    for (int32_t i = 0; i < count; i++)
        if (!hopeless(search, sums->sums[sums->passing[i]])) sums->passing[left++] = sums->passing[i];
    qsort(sums->passing, (size_t)left, sizeof(uint16_t), ascending);
    for (int32_t i = 0; i < left && !status; i++)
        if (!hopeless(search, sums->sums[sums->passing[i]]))
            status = score_found(search, operands, sums->passing[i]);
    return status;
}

/* Take in what a document is worth, if it is there or comes up to what it must be worth alone. */
static inline void add_sum(Sums *sums, uint32_t low, float worth, float least) {
    int there = has_bit(sums->bits, low);
    if (!there && worth < least) return;
    sums->sums[low] = worth + (there ? sums->sums[low] : 0);
    sums->lows[sums->count] = (uint16_t)low;
    sums->count += !there;
    set_bit(sums->bits, low);
}

static void add_sums(const Search *search, Sums *sums, const Node *node, double rest) {
    const uint64_t *bits = node->kind == WORD ? node->block.bits : node->bits;
    const float *impacts = node->block.impacts;
    float least = least_sum(search, rest);
    if (node->kind == WORD && node->block.lows) {
        for (int32_t i = 0; i < node->block.count; i++)
            add_sum(sums, node->block.lows[i], node->weight * impacts[i], least);
        return;
    }
    for (uint32_t word = 0; word < (uint32_t)search->words; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1) {
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(left);
            float worth = node->kind == WORD ? node->weight * *impacts++
                          : node->scores     ? node->scores[low] : 0;
            add_sum(sums, low, worth, least);
        }
}

/* Begin the sums with a word, of which only some postings may come up to the floor. */
static void begin_sums(const Search *search, Sums *sums, const Node *node, double rest) {
    const Block *block = &node->block;
    Walk walk = {block, 0, 0};
    float least = node->kind == WORD ? least_impact(search, node, rest) : 0;
    if (least <= 0) {
        add_sums(search, sums, node, rest);
        return;
    }
    int32_t place = next_worth(block->impacts, 0, block->count, least);
    for (; place < block->count; place = next_worth(block->impacts, place + 1, block->count, least))
        add_sum(sums, document_at(&walk, place), node->weight * block->impacts[place], 0);
}

/* Add an operand to the sums that there are. */
static void refine_sums(Sums *sums, Node *node) {
    float part;
    if (node->kind == WORD && !node->block.bits) {
        for (int32_t i = 0; i < node->block.count; i++) {
            uint32_t low = node->block.lows[i];
            if (has_bit(sums->bits, low)) sums->sums[low] += node->weight * node->block.impacts[i];
        }
        return;
    }
    for (int32_t i = 0; i < sums->count; i++)
        if (contributes(node, sums->lows[i], &part)) sums->sums[sums->lows[i]] += part;
}

/* Give empty sums. */
static int new_sums(Search *search, Sums *sums) {
    sums->bits = empty_bitmap(search);
    sums->sums = page(&search->space->scores);
    sums->lows = page(&search->space->lists);
    sums->passing = page(&search->space->arrays);
    sums->count = 0;
    return sums->bits && sums->sums && sums->lows && sums->passing ? FINE : NO_MEMORY;
}

/* Add up operands, those first that can be worth most, and score what comes up to the floor. */
static int rank_sums(Search *search, int64_t operands) {
    Node *root = search->root;
    Sums sums;
    if (new_sums(search, &sums)) return NO_MEMORY;
    begin_sums(search, &sums, root->order[0], root->rest[1]);
    for (int64_t i = 1; i < operands; i++) {
        Node *node = root->order[i];
        if (late(&search->clock, search->words + node->size)) return LATE;
        raise_by_sums(search, &sums);
        if (!hopeless(search, root->rest[i])) {
            add_sums(search, &sums, node, root->rest[i + 1]);
            continue;
        }
        prune_sums(&sums, least_sum(search, root->rest[i]));
        refine_sums(&sums, node);
    }
    for (int64_t i = 0; i < operands; i++) rewind_block(&root->order[i]->block);
    return visit_sums(search, &sums, operands);
}

/* The only operand is a set: its scores are the sums. */
static int rank_set(Search *search, Node *node) {
    Sums sums;
    if (new_sums(search, &sums)) return NO_MEMORY;
    if (!node->scores) {
        add_sums(search, &sums, node, 0);
        return visit_sums(search, &sums, 1);
    }
    sums.sums = node->scores;
    sums.count = node->size;
    if (node->lows) sums.lows = node->lows;
    else sums.count = extract(search, node->bits, sums.lows);
    return visit_sums(search, &sums, 1);
}

/* The only word: its best postings are known. */
static int rank_word(Search *search, Node *node) {
    const Champion *best = champions_of(&node->block);
    float score;
    int status = FINE;
    int known = best && search->floor > node->weight * best[CHAMPIONS - 1].impact;
    if (!known) return visit_block(search, node, 1);
    for (int i = 0; i < CHAMPIONS && !status; i++) {
        score = node->weight * best[i].impact;
        if (score < search->floor) break;
        if (!is_dead(search, best[i].low)) status = take_scored(search, best[i].low, score);
    }
    return status;
}

static int rank_operands(Search *search, int64_t operands) {
    Node *root = search->root;
    Node *first = root->order[0];
    for (int64_t i = 0; i < operands; i++) raise_by_champions(search, root->order[i]);
    if (!operands || hopeless(search, root->rest[0])) return FINE;
    if (operands > 1) return rank_sums(search, operands);
    if (first->kind == WORD) return rank_word(search, first);
    return first->listed ? rank_list(search, first) : rank_set(search, first);
}

/* Count what lives of a union of one. */
static int32_t living_of_one(const Search *search, const Node *node) {
    int32_t dead = 0;
    for (int32_t i = 0; i < node->size && search->dead; i++) dead += has_bit(search->dead, node->lows[i]);
    return node->size - dead;
}

int rank_union(Search *search, int32_t *total) {
    Node *root = search->root;
    int64_t operands = prepare(search, root);
    int status = search->wanted ? rank_operands(search, operands) : FINE;
    if (operands == 1 && (!search->dead || root->order[0]->listed)) {
        *total = living_of_one(search, root->order[0]);
        return status;
    }
    uint64_t *seen = empty_bitmap(search);
    if (!seen) return NO_MEMORY;
    *total = 0;
    for (int64_t i = 0; i < operands && !status; i++) {
        if (late(&search->clock, search->words + root->order[i]->size)) return LATE;
        unite(search, root->order[i], seen);
    }
    for (int word = 0; word < search->words; word++)
        *total += popcount(search->dead ? seen[word] & ~search->dead[word] : seen[word]);
    return status;
}
