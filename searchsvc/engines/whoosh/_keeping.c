/* The hits that are kept: a heap whose root is the worst of them, and their order at the end. */

#include "_ranking.h"

#include <stdlib.h>

#define FEW 32 /* hits that are ordered one by one */

/* A heap whose root is the worst of the kept. */
static void sift_down(Entry *heap, int64_t count, int64_t at) {
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= count) return;
        if (child + 1 < count && before(&heap[child], &heap[child + 1])) child++;
        if (!before(&heap[at], &heap[child])) return;
        Entry moved = heap[at];
        heap[at] = heap[child];
        heap[child] = moved;
        at = child;
    }
}

/* The heap is full: what is worth less than its worst need not be scored. */
static inline void raise_floor(Search *search) {
    if (full(search) && search->wanted && !search->order)
        if (-search->space->kept[0].key > search->floor) search->floor = -search->space->kept[0].key;
}

static int grow(Workspace *space) {
    int64_t room = space->kept_room ? space->kept_room * 2 : 64;
    Entry *grown = realloc(space->kept, (size_t)room * sizeof(Entry));
    if (!grown) return NO_MEMORY;
    space->kept = grown;
    space->kept_room = room;
    return FINE;
}

static int keep(Search *search, const Entry *entry) {
    Workspace *space = search->space;
    if (full(search)) {
        if (!search->wanted || !before(entry, &space->kept[0])) return FINE;
        space->kept[0] = *entry;
        sift_down(space->kept, search->kept_count, 0);
    } else {
        if (search->kept_count == space->kept_room && grow(space)) return NO_MEMORY;
        space->kept[search->kept_count++] = *entry;
        if (full(search))
            for (int64_t i = search->kept_count / 2; i-- > 0;)
                sift_down(space->kept, search->kept_count, i);
    }
    raise_floor(search);
    return FINE;
}

static int is_folded(const Search *search, int32_t group) {
    int64_t low = 0, high = search->folded_count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (search->folded[middle] < group) low = middle + 1;
        else high = middle;
    }
    return low < search->folded_count && search->folded[low] == group;
}

/* Keep only the best of a group. */
static int keep_one(Search *search, const Entry *entry) {
    Entry *kept = search->space->kept;
    if (is_folded(search, entry->group)) return FINE;
    for (int64_t i = 0; i < search->kept_count; i++) {
        if (kept[i].group != entry->group) continue;
        if (!before(entry, &kept[i])) return FINE;
        kept[i] = *entry;
        if (full(search)) sift_down(kept, search->kept_count, i);
        raise_floor(search);
        return FINE;
    }
    return keep(search, entry);
}

int take(Search *search, Entry *entry) {
    int after = entry->key > search->after_key ||
                (entry->key == search->after_key && (int64_t)entry->doc > search->after_doc);
    if (search->folding) entry->group = search->segment->group[entry->doc - search->before];
    if (search->collecting) return after || entry->group < 0 ? FINE : keep(search, entry);
    if (!after) return FINE;
    return search->folding && entry->group >= 0 ? keep_one(search, entry) : keep(search, entry);
}

/* ---- order of what was kept ------------------------------------------------------------------ */

static void insert_entries(Entry *entries, int64_t count) {
    for (int64_t i = 1; i < count; i++) {
        Entry entry = entries[i];
        int64_t at = i;
        for (; at > 0 && before(&entry, &entries[at - 1]); at--) entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

static int by_key(const void *one, const void *two) {
    return before(one, two) ? -1 : before(two, one);
}

static void sort_entries(Entry *entries, int64_t count) {
    if (count > FEW) qsort(entries, (size_t)count, sizeof(Entry), by_key);
    else insert_entries(entries, count);
}

void first_entries(Entry *entries, int64_t count, int64_t wanted) {
    if (wanted > FEW) {
        sort_entries(entries, count);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        Entry entry = entries[i];
        int64_t at = i < wanted ? i : wanted;
        if (!at || (at == wanted && !before(&entry, &entries[wanted - 1]))) continue;
        if (at == wanted) entries[i] = entries[--at];
        for (; at > 0 && before(&entry, &entries[at - 1]); at--) entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

const Entry *last_of(const Entry *entries, int64_t count) {
    const Entry *last = entries;
    for (int64_t i = 1; i < count; i++)
        if (before(last, &entries[i])) last = &entries[i];
    return last;
}

void sort_kept(Search *search) {
    if (search->wanted >= 0 && search->kept_count)
        sort_entries(search->space->kept, search->kept_count);
}
