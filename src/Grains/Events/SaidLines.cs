using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Events;

/// <summary>
/// What the tasks of the jobs that are or were driven here said, wherever they ran. Of each job the first lines are kept and the rest is
/// counted: a lambda that talks per element says the same again and again. Jobs that said something long ago give way to later ones.
/// </summary>
internal sealed class SaidLines(WorkerId keeper, TaskLogOptions options)
{
    /// <summary>Characters of one job's lines.</summary>
    private const int MostOfJob = 1_000_000;

    /// <summary>Characters of all jobs' lines, with what lines and jobs take beside them.</summary>
    private const int MostOfAll = 8 * MostOfJob;

    /// <summary>What a line takes beside its text.</summary>
    private const int LineBytes = 100;

    /// <summary>What a job takes that has said something, beside its lines.</summary>
    private const int BookBytes = 500;

    private readonly Dictionary<JobId, Book> _books = [];
    private readonly Queue<JobId> _oldest = new();
    private readonly Lock _lock = new();
    private long _size;

    /// <returns>Whether more lines of the job would be kept.</returns>
    public bool Add(JobId job, SaidBatch said)
    {
        lock (_lock)
        {
            if (!_books.TryGetValue(job, out var book))
            {
                _books.Add(job, book = new Book());
                _oldest.Enqueue(job);
                _size += BookBytes;
            }

            var dropped = said.Dropped;
            foreach (var line in said.Lines)
            {
                if (book.Lines.Count >= options.MaxLines || book.Characters + line.Characters > MostOfJob)
                {
                    book.Full = true;
                    dropped++;
                    continue;
                }

                book.Lines.Add(line);
                book.Characters += line.Characters;
                _size += line.Characters + LineBytes;
            }

            if (dropped > 0)
            {
                book.Dropped[said.Worker] = book.Dropped.GetValueOrDefault(said.Worker) + dropped;
            }

            book.Version++;
            while (_size > MostOfAll && _oldest.Count > 1 && _books.Remove(_oldest.Dequeue(), out var old))
            {
                _size -= BookBytes + old.Characters + ((long)LineBytes * old.Lines.Count);
            }

            return !book.Full;
        }
    }

    /// <summary>Grows with whatever is new of the job; 0 while it has said nothing.</summary>
    public long VersionOf(JobId job)
    {
        lock (_lock)
        {
            return _books.GetValueOrDefault(job)?.Version ?? 0;
        }
    }

    /// <summary>The lines behind the first ones, as many as fit into a reply.</summary>
    public SaidPage Read(JobId job, int from)
    {
        lock (_lock)
        {
            if (!_books.TryGetValue(job, out var book))
            {
                return new SaidPage(keeper, [], 0, More: false, []);
            }

            var page = new List<SaidLine>();
            var bytes = 0L;
            for (var i = Math.Min(from, book.Lines.Count); i < book.Lines.Count && bytes < Pages.Largest; i++)
            {
                page.Add(book.Lines[i]);
                bytes += LineBytes + (3L * book.Lines[i].Characters);
            }

            var next = Math.Min(from, book.Lines.Count) + page.Count;
            return new SaidPage(
                keeper, [.. page], next, next < book.Lines.Count, [.. book.Dropped.Select(static d => new DroppedLines(d.Key, d.Value))]);
        }
    }

    private sealed class Book
    {
        public List<SaidLine> Lines { get; } = [];

        public Dictionary<WorkerId, long> Dropped { get; } = [];

        public long Characters { get; set; }

        public long Version { get; set; }

        public bool Full { get; set; }
    }
}
