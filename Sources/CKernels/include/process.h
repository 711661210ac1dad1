// What Swift's view of the C library leaves out.
#pragma once

// The number of cores that this process may run on.
int mgk_processor_count(void);
// Keeps freed memory in the process instead of returning it to the system.
void mgk_keep_memory(void);
