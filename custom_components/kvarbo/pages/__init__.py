"""What the pages in the panel are told of a home: plain values, judged and put in order. Pure."""
