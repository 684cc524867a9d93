using Orleans.Runtime;

namespace MicroSpark.Grains.Membership;

/// <summary>
/// The membership table of silos that share a process. Entries are copied in and out, so that no silo sees another's later changes
/// before they are written, exactly as with a database.
/// </summary>
internal sealed class InMemoryMembership
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SiloAddress, (MembershipEntry Entry, string Etag)> _rows = [];
    private TableVersion _version = new(0, "0");
    private long _lastEtag;

    public MembershipTableData Read(SiloAddress? only)
    {
        lock (_lock)
        {
            var rows = _rows.Where(r => only is null || r.Key.Equals(only)).Select(
                r => Tuple.Create(Copy(r.Value.Entry), r.Value.Etag)).ToList();
            return new MembershipTableData(rows, _version);
        }
    }

    public bool TryInsert(MembershipEntry entry, TableVersion version)
    {
        lock (_lock)
        {
            return !_rows.ContainsKey(entry.SiloAddress) && TryWrite(entry, version);
        }
    }

    public bool TryUpdate(MembershipEntry entry, string etag, TableVersion version)
    {
        lock (_lock)
        {
            return _rows.TryGetValue(entry.SiloAddress, out var row) && row.Etag == etag && TryWrite(entry, version);
        }
    }

    public void UpdateIAmAlive(SiloAddress silo, DateTime time)
    {
        lock (_lock)
        {
            if (_rows.TryGetValue(silo, out var row))
            {
                row.Entry.IAmAliveTime = time;
            }
        }
    }

    public void RemoveDead(DateTimeOffset before)
    {
        lock (_lock)
        {
            foreach (var (silo, row) in _rows.ToList())
            {
                if (row.Entry.Status == SiloStatus.Dead && row.Entry.IAmAliveTime < before.UtcDateTime)
                {
                    _rows.Remove(silo);
                }
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _rows.Clear();
        }
    }

    /// <summary>
    /// Marks a silo of this process dead at once. Silos that share a process cannot lose each other by a crash, so they do not vote;
    /// whoever kills one in a test says so here.
    /// </summary>
    public void DeclareDead(SiloAddress silo)
    {
        lock (_lock)
        {
            if (_rows.TryGetValue(silo, out var row))
            {
                var dead = Copy(row.Entry);
                dead.Status = SiloStatus.Dead;
                TryWrite(dead, _version.Next());
            }
        }
    }

    private bool TryWrite(MembershipEntry entry, TableVersion version)
    {
        if (version.VersionEtag != _version.VersionEtag)
        {
            return false;
        }

        _rows[entry.SiloAddress] = (Copy(entry), NextEtag());
        _version = new TableVersion(version.Version, NextEtag());
        return true;
    }

    private string NextEtag() => (++_lastEtag).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static MembershipEntry Copy(MembershipEntry entry) => new()
    {
        SiloAddress = entry.SiloAddress,
        Status = entry.Status,
        SuspectTimes = entry.SuspectTimes?.ToList(),
        ProxyPort = entry.ProxyPort,
        HostName = entry.HostName,
        SiloName = entry.SiloName,
        RoleName = entry.RoleName,
        UpdateZone = entry.UpdateZone,
        FaultZone = entry.FaultZone,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
    };
}
