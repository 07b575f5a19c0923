"""Text to numbers: n-grams, style measures and embeddings.

Each module holds one kind of feature as a scikit-learn transformer that takes texts and gives float32 rows. Import
them from their modules: the n-grams need numpy alone, the embedders need torch, and nobody should wait for both.
"""
