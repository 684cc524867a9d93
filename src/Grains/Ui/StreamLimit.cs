using Microsoft.AspNetCore.Http;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// How many may follow the events at once: a stream holds its connection for good, and the page has a number of those. Nobody takes so
/// many that others find none, with one browser or with many links.
/// </summary>
internal sealed class StreamLimit
{
    /// <summary>Where a request has what tells browsers apart; it is put there by whoever let it in.</summary>
    public const string Session = "microspark.session";

    /// <summary>Of one browser.</summary>
    public const int OfSession = 8;

    /// <summary>Of all browsers that one maker of links has let in.</summary>
    public const int OfName = 24;

    private readonly Lock _lock = new();
    private readonly Dictionary<(bool IsName, string Of), int> _streams = [];

    /// <summary>A place, until it is disposed; null when there is none left for this browser or its maker.</summary>
    public IDisposable? TryEnter(HttpContext context, Viewer viewer)
    {
        var session = (false, context.Items[Session] as string ?? viewer.Name);
        var name = (true, viewer.Name);
        lock (_lock)
        {
            if (_streams.GetValueOrDefault(session) >= OfSession || _streams.GetValueOrDefault(name) >= OfName)
            {
                return null;
            }

            Add(session, 1);
            Add(name, 1);
        }

        return new Place(() =>
        {
            lock (_lock)
            {
                Add(session, -1);
                Add(name, -1);
            }
        });
    }

    private void Add((bool IsName, string Of) key, int change)
    {
        var count = _streams.GetValueOrDefault(key) + change;
        if (count == 0)
        {
            _streams.Remove(key);
        }
        else
        {
            _streams[key] = count;
        }
    }

    private sealed class Place(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
