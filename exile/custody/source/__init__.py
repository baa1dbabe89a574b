"""Reading a survey's file by its codebook: rows, words, and a draft of the codebook."""
